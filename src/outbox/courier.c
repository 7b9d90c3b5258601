#include "outbox/courier.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct courier {
    struct courier_config config;
    CURLM *multi;
    struct timer timer;
    struct loop_task task; /* libcurl wants its time out at once */
    struct link transfers;
    size_t count;
};

/* A socket of libcurl's. */
struct socket_watch {
    struct loop_watch watch;
    struct courier *courier;
};

static void finish(struct courier *courier, struct transfer *transfer,
                   const struct parcel_result *result)
{
    link_remove(&transfer->link);
    courier->count--;
    transfer->on_done(transfer->ctx, result);
    transfer_free(transfer);
}

/* A transfer that is over is told of, which may start the next one. */
static void reap(struct courier *courier)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(courier->multi, &left)) != NULL) {
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result;
        struct transfer *transfer = NULL;
        struct parcel_result result;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
        result = transfer_result(transfer, code);
        curl_multi_remove_handle(courier->multi, easy);
        finish(courier, transfer, &result);
    }
}

static void act(struct courier *courier, curl_socket_t fd, int events)
{
    int running;

    curl_multi_socket_action(courier->multi, fd, events, &running);
    reap(courier);
}

/* libcurl may take the watch away meanwhile: nothing of it is read after that. */
static void on_socket_ready(struct loop_watch *watch, unsigned events)
{
    struct courier *courier = CONTAINER_OF(watch, struct socket_watch, watch)->courier;
    int bits = 0;

    if (events & LOOP_READABLE)
        bits |= CURL_CSELECT_IN;
    if (events & LOOP_WRITABLE)
        bits |= CURL_CSELECT_OUT;
    if (events & LOOP_HANGUP)
        bits |= CURL_CSELECT_ERR;
    act(courier, watch->fd, bits);
}

static unsigned events_of(int what)
{
    if (what == CURL_POLL_IN)
        return LOOP_READABLE;
    if (what == CURL_POLL_OUT)
        return LOOP_WRITABLE;
    return LOOP_READABLE | LOOP_WRITABLE;
}

static void unwatch(struct courier *courier, curl_socket_t fd, struct socket_watch *at)
{
    if (at == NULL)
        return;
    curl_multi_assign(courier->multi, fd, NULL);
    loop_watch_stop(&at->watch);
    free(at);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *of_socket)
{
    struct courier *courier = ctx;
    struct socket_watch *at = of_socket;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        unwatch(courier, fd, at);
        return 0;
    }
    if (at != NULL) {
        loop_watch_change(&at->watch, events_of(what));
        return 0;
    }
    at = alloc_zero(sizeof *at);
    at->courier = courier;
    at->watch.on_ready = on_socket_ready;
    if (loop_watch_start(courier->config.loop, &at->watch, fd, events_of(what))) {
        free(at);
        return -1;
    }
    curl_multi_assign(courier->multi, fd, at);
    return 0;
}

static void on_time_out(struct timer *timer)
{
    act(CONTAINER_OF(timer, struct courier, timer), CURL_SOCKET_TIMEOUT, 0);
}

static void on_task(struct loop_task *task)
{
    act(CONTAINER_OF(task, struct courier, task), CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer(CURLM *multi, long ms, void *ctx)
{
    struct courier *courier = ctx;

    (void)multi;
    timer_stop(&courier->timer);
    loop_task_cancel(&courier->task);
    if (ms == 0)
        loop_task_queue_next(courier->config.loop, &courier->task);
    else if (ms > 0)
        loop_timer_start(courier->config.loop, &courier->timer, (uint64_t)ms, on_time_out);
    return 0;
}

/* What Debian's libcurl can; another build of it might not. */
static bool can_all(void)
{
    static const char *const needed[] = {"http", "https", "smtp", "smtps"};
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    size_t found = 0;

    for (const char *const *at = info->protocols; *at != NULL; at++)
        for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
            found += strcmp(*at, needed[i]) == 0;
    return found == sizeof needed / sizeof *needed && (info->features & CURL_VERSION_ASYNCHDNS);
}

static bool set_up(struct courier *courier)
{
    CURLM *multi = courier->multi;

    return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, courier) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_TIMERDATA, courier) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                             courier->config.max_connections) == CURLM_OK &&
           curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, courier->config.max_connections) ==
               CURLM_OK;
}

struct courier *courier_new(const struct courier_config *config)
{
    struct courier *courier = alloc_zero(sizeof *courier);

    courier->config = *config;
    courier->task.run = on_task;
    link_init(&courier->transfers);
    courier->multi = curl_multi_init();
    if (courier->multi != NULL && can_all() && set_up(courier))
        return courier;
    courier_free(courier);
    return NULL;
}

void courier_free(struct courier *courier)
{
    if (courier == NULL)
        return;
    assert(courier->count == 0);
    curl_multi_cleanup(courier->multi); /* takes the watches of idle connections away */
    timer_stop(&courier->timer);
    loop_task_cancel(&courier->task);
    free(courier);
}

void courier_send(struct courier *courier, struct parcel *parcel, parcel_done_fn on_done, void *ctx)
{
    struct transfer *transfer = transfer_new(parcel, &courier->config.limits);

    transfer->on_done = on_done;
    transfer->ctx = ctx;
    courier->count++;
    link_insert(&courier->transfers, &transfer->link);
    curl_multi_add_handle(courier->multi, transfer->easy);
}

void courier_cancel(struct courier *courier)
{
    const struct parcel_result result = {.err = ERR_CLOSED, .reason = "the server is stopping"};

    while (!link_is_alone(&courier->transfers)) {
        struct transfer *transfer = CONTAINER_OF(courier->transfers.next, struct transfer, link);

        curl_multi_remove_handle(courier->multi, transfer->easy);
        finish(courier, transfer, &result);
    }
}

size_t courier_count(const struct courier *courier)
{
    return courier->count;
}
