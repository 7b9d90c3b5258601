/*
 * control_request - what the command line asks the server: one JSON object a line, to and from.
 *
 *     {"verb":"token issue","args":{"user":"ann@example.com","app":"ID"}}
 *
 * Texts are strings, flags true, lists arrays of strings. The verb and the names of its args are
 * checked against control_verb.def; what the values say is for the server. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "base/json_out.h"
#include "base/str.h"
#include "proto/control_refusal.h"
#include "proto/control_verb.h"

#include <stddef.h>

enum { CONTROL_MAX_ARGS = 16 };

/* Views look into the line. */
struct control_request {
    enum control_verb verb;
    struct json_member args[CONTROL_MAX_ARGS];
    size_t count;
};

/* ERR_INVALID, with a refusal that says what is wrong: no such verb or option, an option of the
 * wrong kind, given twice, or one that is needed and missing. */
MUST_USE enum err control_request_parse(struct str line, struct control_request *out,
                                        struct control_refusal *refusal);

/* Writes a request into a buf: begin, then members of the args, then end. */
struct json_out control_request_begin(struct buf *buf, enum control_verb verb);
void control_request_end(struct json_out *out);
