#include "outbox/webhooks.h"

#include "base/alloc.h"
#include "base/crypto.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    PENDING_MAX = 65536, /* events that the store has not answered yet */
    RETRY_STORE_MS = 100,
};

struct webhooks {
    struct webhooks_config config;
    struct webhook_lines lines;
    struct link list; /* of lines; changed under lines.lock */
    atomic_uint kinds;
    atomic_size_t pending;
    atomic_size_t backed_up; /* of them, those that the store was too busy for: while there are any,
                                all go through our hands, in order */
    atomic_size_t lost;      /* not counted yet */
    struct link backlog;     /* from here on the outbox's thread's */
    struct timer retry;
    size_t reloads; /* under way */
};

/* An event that the store has not answered yet. */
struct telling {
    struct mail mail;
    struct link link; /* in the backlog, or alone */
    struct webhooks *webhooks;
    unsigned kind;
    int64_t at_ms;
    char apikey[STORE_APIKEY_CAP];
    struct str body;
    char text[];
};

/* What is configured, on its way here. */
struct reload {
    struct mail mail;
    struct webhooks *webhooks;
    struct mailbox *reply; /* NULL: nobody's thread but ours */
    webhooks_done_fn on_done;
    void *ctx;
    enum err err;
    struct webhook_record records[STORE_WEBHOOKS_MAX];
    size_t count;
};

static struct mailbox *own_mailbox(const struct webhooks *webhooks)
{
    return loop_mailbox(webhooks->lines.loop);
}

static struct webhook_line *find_line(struct webhooks *webhooks, const char *id)
{
    for (struct link *at = webhooks->list.next; at != &webhooks->list; at = at->next) {
        struct webhook_line *line = webhook_line_of(at);

        if (strcmp(webhook_line_webhook(line)->id, id) == 0)
            return line;
    }
    return NULL;
}

static bool is_configured(const struct reload *reload, const char *id)
{
    for (size_t i = 0; i < reload->count; i++)
        if (strcmp(reload->records[i].id, id) == 0)
            return true;
    return false;
}

static void remove_lines(struct webhooks *webhooks, const struct reload *reload)
{
    struct link *next;

    for (struct link *at = webhooks->list.next; at != &webhooks->list; at = next) {
        struct webhook_line *line = webhook_line_of(at);

        next = at->next;
        if (!is_configured(reload, webhook_line_webhook(line)->id))
            webhook_line_remove(line);
    }
}

/* Returns how many there are of the new ones. */
static size_t add_lines(struct webhooks *webhooks, const struct reload *reload,
                        struct webhook_line *fresh[STORE_WEBHOOKS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < reload->count; i++) {
        struct webhook_line *line;

        if (find_line(webhooks, reload->records[i].id) != NULL)
            continue;
        line = webhook_line_new(&webhooks->lines, &reload->records[i]);
        link_insert(&webhooks->list, webhook_line_link(line));
        fresh[count++] = line;
    }
    return count;
}

static void take_over(struct webhooks *webhooks, const struct reload *reload)
{
    struct webhook_line *fresh[STORE_WEBHOOKS_MAX];
    size_t count;
    unsigned kinds = 0;

    for (size_t i = 0; i < reload->count; i++)
        kinds |= reload->records[i].kinds;
    pthread_mutex_lock(&webhooks->lines.lock);
    remove_lines(webhooks, reload);
    count = add_lines(webhooks, reload, fresh);
    pthread_mutex_unlock(&webhooks->lines.lock);
    atomic_store(&webhooks->kinds, kinds);
    for (size_t i = 0; i < count; i++)
        webhook_line_poke(fresh[i]); /* something may wait since before the start */
}

static void on_reload_told(struct mail *mail)
{
    struct reload *reload = CONTAINER_OF(mail, struct reload, mail);

    reload->on_done(reload->ctx, reload->err);
    free(reload);
}

static void end_reload(struct reload *reload, enum err err)
{
    struct webhooks *webhooks = reload->webhooks;

    if (err == ERR_NONE)
        take_over(webhooks, reload);
    crypto_wipe(reload->records, sizeof reload->records);
    webhooks->reloads--;
    reload->err = err;
    reload->mail.on_mail = on_reload_told;
    if (reload->reply == NULL)
        on_reload_told(&reload->mail);
    else
        mailbox_post(reload->reply, &reload->mail);
}

static void on_record(void *ctx, enum err err, const struct webhook_record *record)
{
    struct reload *reload = ctx;

    if (record == NULL)
        end_reload(reload, err);
    else
        reload->records[reload->count++] = *record;
}

static void on_reload(struct mail *mail)
{
    struct reload *reload = CONTAINER_OF(mail, struct reload, mail);
    struct webhooks *webhooks = reload->webhooks;
    enum err err;

    webhooks->reloads++;
    err = store_webhook_list(webhooks->config.store, own_mailbox(webhooks), STR_EMPTY,
                             STORE_WEBHOOKS_MAX, on_record, reload);
    if (err)
        end_reload(reload, err);
}

static struct reload *reload_new(struct webhooks *webhooks, struct mailbox *reply,
                                 webhooks_done_fn on_done, void *ctx)
{
    struct reload *reload = alloc_zero(sizeof *reload);

    reload->webhooks = webhooks;
    reload->reply = reply;
    reload->on_done = on_done;
    reload->ctx = ctx;
    reload->mail.on_mail = on_reload;
    return reload;
}

void webhooks_reload(struct webhooks *webhooks, struct mailbox *reply, webhooks_done_fn on_done,
                     void *ctx)
{
    mailbox_post(own_mailbox(webhooks), &reload_new(webhooks, reply, on_done, ctx)->mail);
}

static void telling_end(struct telling *telling)
{
    atomic_fetch_sub(&telling->webhooks->pending, 1);
    free(telling);
}

static bool concerns(const struct telling *telling, const struct webhook_record *webhook)
{
    return (webhook->kinds & telling->kind) != 0 &&
           (webhook->apikey[0] == '\0' || strcmp(webhook->apikey, telling->apikey) == 0);
}

static void poke_concerned(struct webhooks *webhooks, const struct telling *telling)
{
    for (struct link *at = webhooks->list.next; at != &webhooks->list; at = at->next) {
        struct webhook_line *line = webhook_line_of(at);

        if (concerns(telling, webhook_line_webhook(line)))
            webhook_line_poke(line);
    }
}

static void count_tally(struct webhooks *webhooks, const struct webhook_tally *tally)
{
    struct metric_set *metrics = webhooks->config.metrics;

    metric_add(metrics, METRIC_WEBHOOK_QUEUED, tally->queued);
    metric_add(metrics, METRIC_WEBHOOK_DROPPED, tally->dropped);
    metric_add(metrics, METRIC_WEBHOOK_LOST, (int64_t)atomic_exchange(&webhooks->lost, 0));
}

static void lose(struct telling *telling)
{
    struct webhooks *webhooks = telling->webhooks;

    metric_add(webhooks->config.metrics, METRIC_WEBHOOK_LOST, 1);
    log_error(webhooks->config.log, "webhook.lost", "reason=\"the store does not take it\"");
    telling_end(telling);
}

static void on_retry(struct timer *timer);

/* Behind those that wait already. */
static void put_back(struct telling *telling)
{
    struct webhooks *webhooks = telling->webhooks;

    link_insert(&webhooks->backlog, &telling->link);
    if (!timer_is_started(&webhooks->retry))
        loop_timer_start(webhooks->lines.loop, &webhooks->retry, RETRY_STORE_MS, on_retry);
}

static void on_tally(void *ctx, enum err err, const struct webhook_tally *tally)
{
    struct telling *telling = ctx;
    struct webhooks *webhooks = telling->webhooks;

    if (err == ERR_NONE) {
        count_tally(webhooks, tally);
        if (tally->queued > 0)
            poke_concerned(webhooks, telling);
        telling_end(telling);
    } else if (webhooks->lines.is_stopping) {
        lose(telling);
    } else {
        atomic_fetch_add(&webhooks->backed_up, 1);
        put_back(telling);
    }
}

static enum err hand_in(struct telling *telling)
{
    struct webhooks *webhooks = telling->webhooks;
    const struct webhook_event event = {
        .kind = telling->kind,
        .apikey = str_of(telling->apikey),
        .at_ms = telling->at_ms,
        .body = telling->body,
        .max_waiting = webhooks->config.max_waiting,
    };

    return store_webhook_tell(webhooks->config.store, own_mailbox(webhooks), &event, on_tally,
                              telling);
}

/* Those that wait are handed in, in their order, until the store takes no more. */
static void on_retry(struct timer *timer)
{
    struct webhooks *webhooks = CONTAINER_OF(timer, struct webhooks, retry);
    struct link *list = &webhooks->backlog;

    while (!link_is_alone(list)) {
        struct telling *first = CONTAINER_OF(list->next, struct telling, link);
        enum err err;

        link_remove(&first->link);
        err = hand_in(first);
        if (err == ERR_FULL && !webhooks->lines.is_stopping) {
            link_insert(list->next, &first->link);
            loop_timer_start(webhooks->lines.loop, timer, RETRY_STORE_MS, on_retry);
            return;
        }
        atomic_fetch_sub(&webhooks->backed_up, 1);
        if (err != ERR_NONE)
            lose(first);
    }
}

/* The store was too busy for it, or others wait already. */
static void on_backed_up(struct mail *mail)
{
    struct telling *telling = CONTAINER_OF(mail, struct telling, mail);
    struct webhooks *webhooks = telling->webhooks;

    put_back(telling);
    if (webhooks->lines.is_stopping)
        on_retry(&webhooks->retry);
}

static struct telling *telling_new(struct webhooks *webhooks, const struct webhooks_event *event)
{
    struct telling *telling = alloc_zero(sizeof *telling + event->body.len);
    char *at = telling->text;

    link_init(&telling->link);
    telling->webhooks = webhooks;
    telling->kind = event->kind;
    telling->at_ms = event->at_ms;
    str_copy(event->apikey, telling->apikey, sizeof telling->apikey);
    telling->body = str_place(&at, event->body);
    telling->mail.on_mail = on_backed_up;
    return telling;
}

void webhooks_tell(struct webhooks *webhooks, const struct webhooks_event *event)
{
    struct telling *telling;

    assert(event->body.len <= STORE_WEBHOOK_BODY_MAX);
    if (atomic_fetch_add(&webhooks->pending, 1) >= PENDING_MAX) {
        atomic_fetch_sub(&webhooks->pending, 1);
        atomic_fetch_add(&webhooks->lost, 1);
        return;
    }
    telling = telling_new(webhooks, event);
    if (atomic_load(&webhooks->backed_up) == 0 && hand_in(telling) == ERR_NONE)
        return;
    atomic_fetch_add(&webhooks->backed_up, 1);
    mailbox_post(own_mailbox(webhooks), &telling->mail);
}

bool webhooks_status(struct webhooks *webhooks, const char *id, struct webhook_line_status *out)
{
    struct webhook_line *line;

    pthread_mutex_lock(&webhooks->lines.lock);
    line = find_line(webhooks, id);
    if (line != NULL)
        webhook_line_tell_status(line, out);
    pthread_mutex_unlock(&webhooks->lines.lock);
    return line != NULL;
}

static void stop(void *ctx)
{
    struct webhooks *webhooks = ctx;

    webhooks->lines.is_stopping = true;
    on_retry(&webhooks->retry);
    for (struct link *at = webhooks->list.next; at != &webhooks->list; at = at->next)
        webhook_line_stop(webhook_line_of(at));
}

static bool is_idle(void *ctx)
{
    struct webhooks *webhooks = ctx;

    for (struct link *at = webhooks->list.next; at != &webhooks->list; at = at->next)
        if (!webhook_line_is_idle(webhook_line_of(at)))
            return false;
    return atomic_load(&webhooks->pending) == 0 && webhooks->reloads == 0;
}

struct opening {
    bool is_done;
    enum err err;
};

static void on_opened(void *ctx, enum err err)
{
    *(struct opening *)ctx = (struct opening){true, err};
}

enum err webhooks_open(const struct webhooks_config *config, struct webhooks **out)
{
    struct webhooks *webhooks = alloc_zero(sizeof *webhooks);
    struct opening opening = {0};

    webhooks->config = *config;
    webhooks->lines = (struct webhook_lines){
        .store = config->store,
        .outbox = config->outbox,
        .loop = outbox_loop(config->outbox),
        .metrics = config->metrics,
        .log = config->log,
        .retry_ms = config->retry_ms,
        .max_retry_ms = config->max_retry_ms,
        .max_age_ms = config->max_age_ms,
    };
    pthread_mutex_init(&webhooks->lines.lock, NULL);
    link_init(&webhooks->list);
    link_init(&webhooks->backlog);
    outbox_set_guest(config->outbox, &(const struct outbox_guest){stop, is_idle, webhooks});
    on_reload(&reload_new(webhooks, NULL, on_opened, &opening)->mail);
    while (!opening.is_done)
        loop_turn(webhooks->lines.loop, -1);
    if (opening.err != ERR_NONE) {
        webhooks_close(webhooks);
        return opening.err;
    }
    *out = webhooks;
    return ERR_NONE;
}

void webhooks_close(struct webhooks *webhooks)
{
    struct link *next;

    if (webhooks == NULL)
        return;
    for (struct link *at = webhooks->list.next; at != &webhooks->list; at = next) {
        next = at->next;
        webhook_line_remove(webhook_line_of(at));
    }
    timer_stop(&webhooks->retry);
    pthread_mutex_destroy(&webhooks->lines.lock);
    free(webhooks);
}

bool webhooks_want(const struct webhooks *webhooks, unsigned kind)
{
    return (atomic_load_explicit(&webhooks->kinds, memory_order_relaxed) & kind) != 0;
}
