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
    free(handshake);
}
