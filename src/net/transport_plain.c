#include "net/transport.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void on_start(struct transport *transport, struct buf *wire_out)
{
    (void)transport;
    (void)wire_out;
}

static enum transport_status on_read(struct transport *transport, struct str wire,
                                     struct transport_read *out, struct buf *wire_out)
{
    (void)transport;
    (void)wire_out;
    assert(wire.len <= out->cap);
    if (wire.len > 0)
        memcpy(out->ptr, wire.ptr, wire.len);
    out->len = wire.len;
    out->established = true;
    return TRANSPORT_OK;
}

static enum transport_status on_write(struct transport *transport, struct str plain,
                                      struct buf *wire_out)
{
    (void)transport;
    buf_append(wire_out, plain);
    return TRANSPORT_OK;
}

/* TCP's own FIN is all there is to an orderly close. */
static void on_close(struct transport *transport, struct buf *wire_out)
{
    (void)transport;
    (void)wire_out;
}

static void on_free(struct transport *transport)
{
    free(transport);
}

static const struct transport_ops PLAIN = {
    .start = on_start,
    .read = on_read,
    .write = on_write,
    .close = on_close,
    .free = on_free,
};

struct transport *transport_plain_new(void)
{
    struct transport *transport = alloc_zero(sizeof *transport);

    transport->ops = &PLAIN;
    return transport;
}

void transport_settle(struct transport *transport, struct transport_thread *thread)
{
    if (transport->ops->settle != NULL)
        transport->ops->settle(transport, thread);
}

void transport_thread_close(struct transport_thread *thread)
{
    if (thread->tools != NULL)
        thread->free(thread->tools);
    *thread = (struct transport_thread){0};
}

bool transport_is_plain(const struct transport *transport)
{
    return transport->ops == &PLAIN;
}
