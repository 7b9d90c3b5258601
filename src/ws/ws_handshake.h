/*
 * ws_handshake - the opening handshake's texts (RFC 6455 section 4), both sides.
 *
 * Works on plain views, so it needs no HTTP layer. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"

enum { WS_ACCEPT_CAP = 29, WS_KEY_CAP = 25 };

/* The Sec-WebSocket-Accept of a key. The key itself may be any non-empty text (firmware). */
void ws_handshake_accept(struct str key, char out[WS_ACCEPT_CAP]);

/* Appends the whole 101 response: no extension, no subprotocol, below 768 bytes. */
void ws_handshake_response(struct buf *out, struct str key);

/* Appends a client's request for path on host ("name:port") with a random key, copied to `key`; it
 * asks for the subprotocol unless that is empty. */
void ws_handshake_request(struct buf *out, struct str host, struct str path, struct str subprotocol,
                          char key[WS_KEY_CAP]);

/* A client's check of the server's response head: MORE until it is complete. The server must have
 * chosen the subprotocol that was asked for. */
enum ws_reply { WS_REPLY_ACCEPTED, WS_REPLY_MORE, WS_REPLY_REFUSED };
MUST_USE enum ws_reply ws_handshake_check(struct str bytes, const char *key, struct str subprotocol,
                                          size_t *head_bytes);
