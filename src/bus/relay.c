#include "bus/relay.h"

#include "base/alloc.h"
#include "base/map.h"
#include "net/loop.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

enum parcel_type { PARCEL_QUESTION, PARCEL_ANSWER, PARCEL_NOTICE };

/* A letter on its way to a desk. */
struct parcel {
    struct mail mail;
    struct relay_desk *to;
    enum parcel_type type;
    unsigned kind;
    struct relay_ticket ticket;
    char account[RELAY_ACCOUNT_CAP];
    size_t len;
    char body[];
};

struct relay_call {
    uint64_t number;
    struct relay_desk *desk;
    struct timer timer;
    relay_answer_fn on_answer;
    void *ctx;
};

struct relay_desk {
    struct relay *relay;
    struct loop *loop;
    struct metric_set *metrics;
    size_t index;
    const struct relay_service *service;
    void *ctx;
    struct map *calls;
    uint64_t last_call;
    atomic_size_t waiting; /* letters on their way here */
    atomic_size_t waiting_bytes;
};

struct relay {
    struct relay_config config;
    size_t desk_count;
    size_t home_count;         /* the first ones */
    atomic_uint_fast64_t sent; /* letters so far, answers too */
    atomic_uint_fast64_t read; /* and dealt with */
    struct relay_desk *desks[RELAY_MAX_DESKS];
};

struct relay *relay_new(const struct relay_config *config)
{
    struct relay *relay = alloc_zero(sizeof *relay);

    relay->config = *config;
    atomic_init(&relay->sent, 0);
    atomic_init(&relay->read, 0);
    return relay;
}

void relay_free(struct relay *relay)
{
    free(relay);
}

bool relay_is_quiet(const struct relay *relay, uint64_t *sent)
{
    /* In this order: a letter that comes between makes the numbers differ. */
    uint64_t read = atomic_load(&relay->read);

    *sent = atomic_load(&relay->sent);
    return *sent == read;
}

static struct str call_key(const void *item)
{
    const struct relay_call *call = item;

    return (struct str){(const char *)&call->number, sizeof call->number};
}

struct relay_desk *relay_desk_new(struct relay *relay, struct loop *loop,
                                  struct metric_set *metrics, bool is_home)
{
    struct relay_desk *desk = alloc_zero(sizeof *desk);

    assert(relay->desk_count < RELAY_MAX_DESKS);
    assert(!is_home || relay->home_count == relay->desk_count);
    desk->relay = relay;
    desk->loop = loop;
    desk->metrics = metrics;
    desk->index = relay->desk_count;
    desk->calls = map_new(call_key);
    atomic_init(&desk->waiting, 0);
    atomic_init(&desk->waiting_bytes, 0);
    relay->desks[relay->desk_count++] = desk;
    if (is_home)
        relay->home_count++;
    return desk;
}

static void note_call(void *ctx, void *item)
{
    struct relay_call **some = ctx;

    *some = item;
}

void relay_desk_free(struct relay_desk *desk)
{
    struct relay_call *call;

    if (desk == NULL)
        return;
    while (map_count(desk->calls) > 0) {
        map_each(desk->calls, note_call, &call);
        relay_cancel(call);
    }
    map_free(desk->calls);
    free(desk);
}

void relay_desk_serve(struct relay_desk *desk, const struct relay_service *service, void *ctx)
{
    desk->service = service;
    desk->ctx = ctx;
}

bool relay_desk_is_idle(const struct relay_desk *desk)
{
    return map_count(desk->calls) == 0;
}

/* FNV-1a: the home of an account must not change while the process lives, nothing more. */
size_t relay_home(const struct relay_desk *desk, struct str account)
{
    const struct relay *relay = desk->relay;
    uint64_t hash = 0xcbf29ce484222325U;

    assert(relay->home_count > 0);
    for (size_t i = 0; i < account.len; i++)
        hash = (hash ^ (uint8_t)account.ptr[i]) * 0x100000001b3U;
    return hash % relay->home_count;
}

bool relay_is_at_home(const struct relay_desk *desk, struct str account)
{
    return relay_home(desk, account) == desk->index;
}

static void take_answer(struct relay_desk *desk, const struct parcel *parcel)
{
    const uint64_t number = parcel->ticket.call;
    struct relay_call *call =
        map_find(desk->calls, (struct str){(const char *)&number, sizeof number});
    relay_answer_fn on_answer;
    void *ctx;

    if (call == NULL) /* its deadline was first, or nobody waits */
        return;
    on_answer = call->on_answer;
    ctx = call->ctx;
    relay_cancel(call);
    metric_add(desk->metrics, METRIC_CALL_ANSWERED, 1);
    on_answer(ctx, ERR_NONE, (struct str){parcel->body, parcel->len});
}

static void on_parcel(struct mail *mail)
{
    struct parcel *parcel = CONTAINER_OF(mail, struct parcel, mail);
    struct relay_desk *desk = parcel->to;
    const struct relay_letter letter = {
        .account = str_of(parcel->account),
        .kind = parcel->kind,
        .body = {parcel->body, parcel->len},
    };

    if (parcel->type != PARCEL_ANSWER) {
        atomic_fetch_sub_explicit(&desk->waiting, 1, memory_order_relaxed);
        atomic_fetch_sub_explicit(&desk->waiting_bytes, parcel->len, memory_order_relaxed);
    }
    switch (parcel->type) {
    case PARCEL_QUESTION:
        desk->service->on_question(desk->ctx, &letter, parcel->ticket);
        break;
    case PARCEL_NOTICE:
        desk->service->on_notice(desk->ctx, &letter);
        break;
    case PARCEL_ANSWER:
        take_answer(desk, parcel);
        break;
    }
    atomic_fetch_add(&desk->relay->read, 1);
    free(parcel);
}

/* A place on the way to a desk; false when there is none left. */
static bool take_place(struct relay_desk *to, size_t bytes)
{
    const struct relay_config *config = &to->relay->config;
    size_t count = atomic_fetch_add_explicit(&to->waiting, 1, memory_order_relaxed);
    size_t held = atomic_fetch_add_explicit(&to->waiting_bytes, bytes, memory_order_relaxed);

    if (count < config->max_waiting && held <= config->max_waiting_bytes &&
        bytes <= config->max_waiting_bytes - held)
        return true;
    atomic_fetch_sub_explicit(&to->waiting, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&to->waiting_bytes, bytes, memory_order_relaxed);
    return false;
}

static void post(struct relay_desk *to, const struct parcel *head, struct str body)
{
    struct parcel *parcel = alloc_zero(sizeof *parcel + body.len);
    char *at = parcel->body;

    *parcel = *head;
    parcel->mail.on_mail = on_parcel;
    parcel->to = to;
    parcel->len = body.len;
    str_place(&at, body);
    atomic_fetch_add(&to->relay->sent, 1);
    mailbox_post(loop_mailbox(to->loop), &parcel->mail);
}

static enum err send_home(struct relay_desk *desk, const struct relay_letter *letter,
                          struct parcel *head)
{
    struct relay *relay = desk->relay;
    struct relay_desk *to = relay->desks[relay_home(desk, letter->account)];

    if (letter->body.len > RELAY_LETTER_MAX)
        return ERR_TOO_LARGE;
    if (!str_copy(letter->account, head->account, sizeof head->account))
        return ERR_INVALID;
    if (!take_place(to, letter->body.len)) {
        metric_add(desk->metrics, METRIC_QUEUE_DROP_RELAY, 1);
        return ERR_FULL;
    }
    head->kind = letter->kind;
    post(to, head, letter->body);
    return ERR_NONE;
}

static void on_deadline(struct timer *timer)
{
    struct relay_call *call = CONTAINER_OF(timer, struct relay_call, timer);
    relay_answer_fn on_answer = call->on_answer;
    void *ctx = call->ctx;

    metric_add(call->desk->metrics, METRIC_CALL_UNANSWERED, 1);
    relay_cancel(call);
    on_answer(ctx, ERR_UNAVAILABLE, STR_EMPTY);
}

enum err relay_ask(struct relay_desk *desk, const struct relay_question *question,
                   struct relay_call **out)
{
    struct parcel head = {
        .type = PARCEL_QUESTION,
        .ticket = {.desk = desk->index, .call = desk->last_call + 1},
    };
    struct relay_call *call;
    enum err err;

    if (map_count(desk->calls) >= desk->relay->config.max_waiting) {
        metric_add(desk->metrics, METRIC_QUEUE_DROP_RELAY, 1);
        return ERR_FULL;
    }
    if ((err = send_home(desk, &question->letter, &head)))
        return err;
    call = alloc_zero(sizeof *call);
    call->number = ++desk->last_call;
    call->desk = desk;
    call->on_answer = question->on_answer;
    call->ctx = question->ctx;
    map_put(desk->calls, call);
    loop_timer_start(desk->loop, &call->timer, question->deadline_ms, on_deadline);
    *out = call;
    return ERR_NONE;
}

void relay_cancel(struct relay_call *call)
{
    timer_stop(&call->timer);
    map_remove(call->desk->calls, call_key(call));
    free(call);
}

void relay_answer(struct relay_desk *desk, struct relay_ticket ticket, struct str body)
{
    const struct parcel head = {.type = PARCEL_ANSWER, .ticket = ticket};

    assert(ticket.desk < desk->relay->desk_count);
    post(desk->relay->desks[ticket.desk], &head, body);
}

enum err relay_tell(struct relay_desk *desk, const struct relay_letter *letter)
{
    struct parcel head = {.type = PARCEL_NOTICE};

    return send_home(desk, letter, &head);
}
