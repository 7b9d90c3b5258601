/*
 * control_answer - what the server answers on the control socket: JSON objects, one a line.
 *
 *     {"row":{...}}                                    any number, for verbs that list
 *     {"ok":true,"result":{...}}                       then one of these two
 *     {"error":{"code":"not_found","text":"...","hint":"..."}}
 *
 * Written between begin and end; the line's LF is the sender's. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/json_out.h"
#include "base/str.h"
#include "proto/control_refusal.h"

enum control_answer_kind { CONTROL_ROW, CONTROL_OK, CONTROL_REFUSED };

/* Members of the inner object go between. */
struct json_out control_answer_begin(struct buf *buf, enum control_answer_kind kind);
void control_answer_end(struct json_out *out);

/* A whole row around an object that is written already. */
void control_answer_row(struct buf *buf, struct str object);

/* The members code, text and, when there is one, hint. */
void control_answer_refusal(struct json_out *out, const struct control_refusal *refusal);

struct control_answer {
    enum control_answer_kind kind;
    struct str body; /* the inner object, a view into the line */
};

/* ERR_INVALID: not an answer. */
MUST_USE enum err control_answer_parse(struct str line, struct control_answer *out);

/* "not_found": the name in err.def in lower case, NUL-terminated. */
enum { CONTROL_CODE_CAP = 16 };
void control_answer_code(enum err err, char out[CONTROL_CODE_CAP]);
