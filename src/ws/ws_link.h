/*
 * ws_link - a WebSocket over a connection: messages in, messages out, pings answered, closed in
 * order.
 *
 * RFC 6455, both roles, no extension. Text only: binary is answered with 1003. Protocol errors
 * close with 1002, bad UTF-8 with 1007 (found as it comes, not at the end), too long a message with
 * 1009. A ping is answered ahead of all queued data. The owning worker's thread only;
 * ws_link_move() changes the owner.
 */
#pragma once

#include "base/str.h"
#include "net/conn.h"
#include "ws/ws_frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ws_link;

enum ws_role { WS_SERVER, WS_CLIENT };

struct ws_handler {
    /* A complete text message, valid UTF-8; the bytes may be changed and end with the call. It may
     * close, pause or move the link, which then stays valid until on_close. */
    void (*on_text)(void *ctx, struct ws_link *link, char *text, size_t len);
    /* Any frame has come, before it is handled: the peer is alive. Optional. */
    void (*on_frame)(void *ctx, struct ws_link *link, enum ws_opcode opcode);
    /* The last call, exactly once; the link is freed after it. code: the peer's, or ours, or 1006.
     */
    void (*on_close)(void *ctx, struct ws_link *link, unsigned code, enum conn_end end);
};

/* Takes the connection over and sets its handler. */
struct ws_link *ws_link_new(struct conn *conn, enum ws_role role, size_t max_message_bytes);
void ws_link_set_handler(struct ws_link *link, const struct ws_handler *handler, void *ctx);

/* One unfragmented text frame. False when the link is closing or the peer does not read. */
bool ws_link_send(struct ws_link *link, struct str text);
/* As ws_link_send(), ahead of queued data: for the answer to a text ping. A text that is too long
 * for conn_send_urgent() waits its turn. */
bool ws_link_send_urgent(struct ws_link *link, struct str text);
bool ws_link_ping(struct ws_link *link, struct str payload); /* payload <= WS_CONTROL_MAX */

/*
 * Sends a close frame and closes once the peer has answered, or lingered too long. No on_text
 * follows. code 0: an empty close frame. reason <= 123 bytes, valid UTF-8.
 */
void ws_link_close(struct ws_link *link, unsigned code, struct str reason);
void ws_link_abort(struct ws_link *link);

/* No on_text between pause and resume. Pings that come meanwhile wait too: pause for moments only.
 */
void ws_link_pause(struct ws_link *link);
void ws_link_resume(struct ws_link *link);

/* As conn_move(): on_arrived runs on the target's thread with a link that has the same state. */
typedef void (*ws_arrived_fn)(void *ctx, struct ws_link *link);
void ws_link_move(struct ws_link *link, struct loop *target, const struct conn_config *config,
                  ws_arrived_fn on_arrived, void *ctx);

/* It was closed because of what the peer sent: protocol, encoding, binary or size. */
bool ws_link_has_failed(const struct ws_link *link);

struct conn *ws_link_conn(const struct ws_link *link);
