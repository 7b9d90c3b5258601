#include "bus/bus.h"

#include "base/alloc.h"
#include "base/link.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct subscriber {
    struct mailbox *mailbox;
    bus_event_fn on_event;
    void *ctx;
    atomic_size_t waiting;
};

struct bus {
    pthread_mutex_t lock; /* one publisher at a time, so that all subscribers see one order */
    size_t max_waiting;
    size_t count;
    struct subscriber subscribers[BUS_MAX_SUBSCRIBERS];
};

/* One event on its way to one subscriber. */
struct delivery {
    struct mail mail;
    struct subscriber *to;
    struct bus_event event;
};

struct bus *bus_local_new(size_t max_waiting)
{
    struct bus *bus = alloc_zero(sizeof *bus);

    pthread_mutex_init(&bus->lock, NULL);
    bus->max_waiting = max_waiting;
    return bus;
}

void bus_free(struct bus *bus)
{
    if (bus == NULL)
        return;
    pthread_mutex_destroy(&bus->lock);
    free(bus);
}

void bus_subscribe(struct bus *bus, struct mailbox *mailbox, bus_event_fn on_event, void *ctx)
{
    struct subscriber *subscriber = &bus->subscribers[bus->count];

    assert(bus->count < BUS_MAX_SUBSCRIBERS);
    subscriber->mailbox = mailbox;
    subscriber->on_event = on_event;
    subscriber->ctx = ctx;
    bus->count++;
}

static void on_delivery(struct mail *mail)
{
    struct delivery *delivery = CONTAINER_OF(mail, struct delivery, mail);
    struct subscriber *to = delivery->to;

    atomic_fetch_sub_explicit(&to->waiting, 1, memory_order_relaxed);
    to->on_event(to->ctx, &delivery->event);
    free(delivery);
}

static bool has_room(struct bus *bus)
{
    for (size_t i = 0; i < bus->count; i++)
        if (atomic_load_explicit(&bus->subscribers[i].waiting, memory_order_relaxed) >=
            bus->max_waiting)
            return false;
    return true;
}

static void deliver(struct subscriber *to, const struct bus_event *event)
{
    struct delivery *delivery = alloc_zero(sizeof *delivery);

    delivery->mail.on_mail = on_delivery;
    delivery->to = to;
    delivery->event = *event;
    atomic_fetch_add_explicit(&to->waiting, 1, memory_order_relaxed);
    mailbox_post(to->mailbox, &delivery->mail);
}

enum err bus_publish(struct bus *bus, const struct bus_event *event)
{
    enum err err = ERR_NONE;

    pthread_mutex_lock(&bus->lock);
    if (!has_room(bus))
        err = ERR_FULL;
    else
        for (size_t i = 0; i < bus->count; i++)
            deliver(&bus->subscribers[i], event);
    pthread_mutex_unlock(&bus->lock);
    return err;
}
