/*
 * http_exchange - one request that waits for its answer.
 *
 * Handed to a route's function and alive until it is answered, whatever the peer does meanwhile.
 * The owning worker's thread only.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"
#include "http/http_response.h"
#include "net/conn.h"

struct http_exchange;

/* Answers; the exchange is gone after it. If the peer has left or was told 503, nothing happens. */
void http_exchange_respond(struct http_exchange *exchange, const struct http_response *response);

/*
 * Sends `head` (a complete 101 response) and gives up the connection: from here on it belongs to
 * the caller, who must set its handler before returning to the loop; bytes that came behind the
 * request are handed to that handler as input. NULL when it is closing already. The exchange is
 * gone after it either way. Only inside on_request.
 */
MUST_USE struct conn *http_exchange_upgrade(struct http_exchange *exchange, struct str head);

/* NULL once the peer has left. For addresses and ids; not for sending. */
struct conn *http_exchange_conn(const struct http_exchange *exchange);
