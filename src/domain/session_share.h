/*
 * session_share - what an app's session asks about shares, and answers to those it is offered.
 *
 * The owning worker's thread only.
 */
#pragma once

#include "domain/session.h"
#include "domain/share.h"

#include <stdbool.h>

/* What the answer must give back, as the request had it. */
struct session_share_keys {
    struct str deviceid;
    struct str apikey;
    struct str sequence;
};

/* The session asks in its own account's name: request->owner is not read. One on_share follows, now
 * or later. */
void session_share_ask(struct session *session, const struct share_request *request,
                       const struct session_share_keys *keys);

/* Its answer to an offer, by the offer's sequence; any other is ignored. */
void session_share_answer(struct session *session, struct str sequence, bool is_accepted);

/* Private to domain: the session leaves, and waits for nothing any more. */
void session_share_forget(struct session *session);
