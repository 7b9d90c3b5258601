#include "base/alloc.h"
#include "base/crypto.h"
#include "gateway/gateway_link.h"

#include <assert.h>
#include <stdlib.h>

struct gateway_handshake *gateway_handshake_begin(struct gateway_link *link,
                                                  const struct message *message)
{
    size_t bytes = message->apikey.len + message->deviceid.len + message->sequence.len +
                   message->model.len + message->d_seq.raw.len;
    struct gateway_handshake *handshake = alloc_zero(sizeof *handshake + bytes);
    char *at = handshake->text;

    assert(link->handshake == NULL);
    handshake->link = link;
    handshake->apikey = str_place(&at, message->apikey);
    handshake->deviceid = str_place(&at, message->deviceid);
    handshake->sequence = str_place(&at, message->sequence);
    handshake->model = str_place(&at, message->model);
    handshake->d_seq = message->d_seq;
    handshake->d_seq.raw = str_place(&at, message->d_seq.raw);
    handshake->version = message->version;
    handshake->has_text_version = message->has_text_version;
    link->handshake = handshake;
    link->last_frame_ms = loop_now_ms(link->gateway->config.loop);
    link->gateway->waits++;
    gateway_link_set_state(link, GATEWAY_CHECKING);
    ws_link_pause(link->ws);
    return handshake;
}

struct gateway_link *gateway_handshake_end(struct gateway_handshake *handshake)
{
    struct gateway_link *link = handshake->link;

    if (link == NULL)
        return NULL;
    link->gateway->waits--;
    link->handshake = NULL;
    handshake->link = NULL;
    ws_link_resume(link->ws);
    return link;
}

void gateway_handshake_free(struct gateway_handshake *handshake)
{
    crypto_wipe(&handshake->grant, sizeof handshake->grant);
    buf_free(&handshake->params);
    free(handshake);
}

static struct gateway *home_of(const struct gateway *gateway, struct str owner)
{
    size_t home = relay_home(gateway->config.desk, owner);

    assert(home < gateway->peer_count);
    return gateway->peers[home];
}

static void on_arrived(void *ctx, struct ws_link *ws)
{
    struct gateway_link *link = ctx;
    struct gateway_handshake *handshake = link->handshake;
    struct gateway *home = handshake->home;

    assert(link->ws == ws);
    atomic_fetch_sub_explicit(&home->arriving, 1, memory_order_relaxed);
    gateway_link_join(link, home);
    home->waits++;
    if (!home->is_closing) {
        handshake->arrived(link);
        return;
    }
    gateway_handshake_end(handshake);
    gateway_handshake_free(handshake);
    gateway_link_close(link, GATEWAY_CLOSE_SHUTDOWN);
}

void gateway_handshake_go_home(struct gateway_link *link, struct str owner,
                               void (*arrived)(struct gateway_link *link))
{
    struct gateway *gateway = link->gateway;
    struct gateway *home = home_of(gateway, owner);

    if (home == gateway) {
        gateway_link_watch(link);
        arrived(link);
        return;
    }
    link->handshake->home = home;
    link->handshake->arrived = arrived;
    gateway_link_leave(link);
    gateway->waits--;
    atomic_fetch_add_explicit(&home->arriving, 1, memory_order_relaxed);
    ws_link_move(link->ws, home->config.loop, home->config.conn, on_arrived, link);
}
