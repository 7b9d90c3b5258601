/*
 * remote_letter - what homes write to each other, as plain structs and as bytes.
 *
 * Private to domain. Pure functions; views point into what was read.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "domain/device_event.h"
#include "domain/session.h"

#include <stdbool.h>
#include <stdint.h>

enum remote_kind {
    REMOTE_COMMAND,  /* a question; answered by a remote_result */
    REMOTE_PRESENCE, /* a question: texts, ids of devices; answered by a text of '0' and '1' */
    REMOTE_SHARE,    /* a question, as REMOTE_OFFER: see share_letter.h */
    REMOTE_OFFER,
};

struct remote_request {
    enum command_kind kind;
    struct str asker;
    uint64_t asker_conn;
    enum device_source source;
    struct str deviceid;
    struct str sequence;
    struct json_value params;
};

void remote_letter_write_request(struct buf *out, const struct remote_request *request);
/* False when the bytes are no such letter. */
MUST_USE bool remote_letter_read_request(struct str body, struct remote_request *out);

/* Of the result: outcome, error, params and ack. */
void remote_letter_write_result(struct buf *out, const struct command_result *result);
MUST_USE bool remote_letter_read_result(struct str body, struct command_result *out);
