/*
 * option_value - turns an option's text into its value, and says what it expects.
 *
 * A value lives in the field of struct config that the option names; what it points to is owned by
 * it and released by option_value_free(). Pure functions, any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"
#include "net/address.h"
#include "server/option.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OPTION_ITEMS_MAX = 32 }; /* of any list */

enum option_proxy { OPTION_PROXY_OFF, OPTION_PROXY_PLAIN, OPTION_PROXY_ALL };

/* Lists own their items and the texts in them. */
struct address_list {
    struct address *items;
    size_t count;
};

struct text_list {
    char **items;
    size_t count;
};

struct certificate {
    char *chain;
    char *key;
};

struct certificate_list {
    struct certificate *items;
    size_t count;
};

/* Several items; an option that is no list has exactly one. */
struct option_items {
    struct str at[OPTION_ITEMS_MAX];
    size_t count;
};

bool option_value_is_list(const struct option *option);

/* Splits a list's text at its commas; false when there are more than OPTION_ITEMS_MAX. The empty
 * text has no items. */
MUST_USE bool option_value_split(struct str text, struct option_items *out);

/*
 * Parses into *value, which must be zero-filled. False with *bad (the item at fault; ptr NULL when
 * it is the count) leaves *value zero-filled.
 */
MUST_USE bool option_value_parse(const struct option *option, const struct option_items *items,
                                 void *value, struct str *bad);
void option_value_free(const struct option *option, void *value);

/* Appends what the option expects: "a duration such as 145s, 5s to 1h". */
void option_value_expect(const struct option *option, struct buf *out);
/* Appends the bounds, "5s to 1h"; false (nothing appended) when there are none to speak of. */
bool option_value_range(const struct option *option, struct buf *out);
/* The type's name, for the manual: "duration". */
const char *option_value_type(const struct option *option);
/* Appends the items as YAML reads them: [a, "*:80"], or 145s. */
void option_value_format(const struct option *option, const struct option_items *items,
                         struct buf *out);
