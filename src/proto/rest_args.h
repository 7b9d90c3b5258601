/*
 * rest_args - what an account API call was given, wherever it stood: query, form or JSON body.
 *
 * The API's clients put the same parameters into a query or a body and send numbers as strings and
 * strings as numbers, so all of them are read alike. Texts are decoded views into memory that the
 * caller lends; raw JSON is a view of the body. Of a name that stands twice the first counts. Any
 * thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REST_ARGS_MAX = 64 };

struct rest_arg {
    struct str name;
    struct str text;         /* a string's content, or a number's digits; else empty */
    struct json_value value; /* of a body's member; of any other JSON_NONE */
};

struct rest_args {
    struct rest_arg items[REST_ARGS_MAX];
    size_t count;
};

/* A parameter of a query or a form, decoded. ERR_TOO_LARGE: more than REST_ARGS_MAX. */
MUST_USE enum err rest_args_add(struct rest_args *args, struct str name, struct str text);

/*
 * The members of a JSON body; an empty body has none. Strings with escapes are decoded into `room`,
 * which has body.len bytes. ERR_INVALID: no JSON object, or a string that is no text (a lone
 * surrogate, a NUL); ERR_TOO_LARGE.
 */
MUST_USE enum err rest_args_add_body(struct rest_args *args, struct str body, char *room);

/* Empty when it is absent, null, or neither a string nor a number. */
struct str rest_args_text(const struct rest_args *args, const char *name);

/* An integer, or digits in a string; false (and *out untouched) otherwise. */
MUST_USE bool rest_args_i64(const struct rest_args *args, const char *name, int64_t *out);

/* The member as it was sent in the body; kind JSON_NONE when absent there. */
struct json_value rest_args_json(const struct rest_args *args, const char *name);
