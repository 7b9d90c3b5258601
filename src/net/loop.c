#include "net/loop.h"

#include "base/alloc.h"
#include "base/pool.h"
#include "base/stash.h"
#include "net/transport.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum {
    MAX_EVENTS = 256,
    MAX_TASK_ROUNDS = 16, /* tasks that queue tasks: then descriptors get their turn */
};

struct loop {
    int epoll_fd;
    int event_count; /* of this turn */
    int event_at;    /* the one being run */
    struct epoll_event events[MAX_EVENTS];
    uint64_t now_ms;
    int64_t wall_ms;
    struct timer_wheel *wheel;
    struct mailbox *mailbox;
    struct loop_watch mailbox_watch;
    bool has_mail;
    bool is_behind;
    struct link tasks;
    struct link next_tasks; /* become tasks when this turn is over */
    struct link slow;
    uint64_t last_id;
    atomic_bool is_stopped;
    char *receive_scratch;
    char *send_scratch;
    struct transport_thread transports;
    struct pool *pool;
    struct stash stash;
};

static uint64_t monotonic_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void read_clocks(struct loop *loop)
{
    struct timespec now;

    loop->now_ms = monotonic_us() / 1000;
    clock_gettime(CLOCK_REALTIME, &now);
    loop->wall_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Mail is delivered after the timers, so its descriptor only says that there is some. */
static void on_mailbox_ready(struct loop_watch *watch, unsigned events)
{
    (void)events;
    watch->loop->has_mail = true;
}

struct loop *loop_new(void)
{
    struct loop *loop = alloc_zero(sizeof *loop);

    read_clocks(loop);
    link_init(&loop->tasks);
    link_init(&loop->next_tasks);
    link_init(&loop->slow);
    loop->wheel = timer_wheel_new(loop->now_ms);
    loop->mailbox = mailbox_new();
    loop->mailbox_watch.on_ready = on_mailbox_ready;
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd < 0 ||
        loop_watch_start(loop, &loop->mailbox_watch, mailbox_fd(loop->mailbox), LOOP_READABLE)) {
        perror("epoll");
        abort(); /* as for memory: a thread without its loop can't go on */
    }
    loop->receive_scratch = alloc_zero(LOOP_SCRATCH_BYTES);
    loop->send_scratch = alloc_zero(LOOP_SCRATCH_BYTES);
    loop->pool = pool_new();
    return loop;
}

static void run_first(struct link *list)
{
    struct loop_task *task = CONTAINER_OF(list->next, struct loop_task, link);

    link_remove(&task->link);
    task->run(task);
}

static void run_tasks(struct loop *loop)
{
    for (int round = 0; round < MAX_TASK_ROUNDS && !link_is_alone(&loop->tasks); round++) {
        struct link ready;

        link_init(&ready);
        link_splice(&ready, &loop->tasks);
        while (!link_is_alone(&ready))
            run_first(&ready);
    }
    link_splice(&loop->tasks, &loop->next_tasks);
}

static void run_slow(struct loop *loop)
{
    for (int i = 0; i < LOOP_SLOW_PER_TURN && !link_is_alone(&loop->slow); i++)
        run_first(&loop->slow);
    loop->is_behind = !link_is_alone(&loop->slow);
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    while (!link_is_alone(&loop->tasks))
        run_tasks(loop);
    loop_watch_stop(&loop->mailbox_watch);
    close(loop->epoll_fd);
    mailbox_free(loop->mailbox);
    timer_wheel_free(loop->wheel);
    free(loop->receive_scratch);
    free(loop->send_scratch);
    transport_thread_close(&loop->transports);
    pool_free(loop->pool);
    stash_free(&loop->stash);
    free(loop);
}

void loop_run(struct loop *loop)
{
    while (!atomic_load(&loop->is_stopped))
        loop_turn(loop, -1);
}

static int wait_ms(struct loop *loop, int max_wait_ms)
{
    int until_due = timer_wheel_wait_ms(loop->wheel, monotonic_us() / 1000);

    if (!link_is_alone(&loop->tasks) || !link_is_alone(&loop->slow) ||
        atomic_load(&loop->is_stopped))
        return 0;
    if (until_due < 0 || (max_wait_ms >= 0 && max_wait_ms < until_due))
        return max_wait_ms;
    return until_due;
}

static unsigned events_from_epoll(uint32_t events)
{
    unsigned out = 0;

    if (events & EPOLLIN)
        out |= LOOP_READABLE;
    if (events & EPOLLOUT)
        out |= LOOP_WRITABLE;
    if (events & (EPOLLHUP | EPOLLERR))
        out |= LOOP_HANGUP;
    if (events & EPOLLRDHUP)
        out |= LOOP_ENDING;
    return out;
}

static void run_events(struct loop *loop)
{
    for (loop->event_at = 0; loop->event_at < loop->event_count; loop->event_at++) {
        struct epoll_event *event = &loop->events[loop->event_at];
        struct loop_watch *watch = event->data.ptr;

        if (watch != NULL)
            watch->on_ready(watch, events_from_epoll(event->events));
    }
    loop->event_count = 0;
}

void loop_turn(struct loop *loop, int max_wait_ms)
{
    int count = epoll_wait(loop->epoll_fd, loop->events, MAX_EVENTS, wait_ms(loop, max_wait_ms));

    assert(count >= 0 || errno == EINTR);
    loop->event_count = count > 0 ? count : 0;
    read_clocks(loop);
    run_events(loop);
    run_slow(loop);
    timer_wheel_run(loop->wheel, loop->now_ms);
    if (loop->has_mail) {
        loop->has_mail = false;
        mailbox_deliver(loop->mailbox);
    }
    run_tasks(loop);
}

void loop_stop(struct loop *loop)
{
    const uint64_t one = 1;
    ssize_t wrote;

    atomic_store(&loop->is_stopped, true);
    wrote = write(mailbox_fd(loop->mailbox), &one, sizeof one);
    (void)wrote; /* fails only when the wake is there already */
}

struct mailbox *loop_mailbox(struct loop *loop)
{
    return loop->mailbox;
}

uint64_t loop_now_ms(const struct loop *loop)
{
    return loop->now_ms;
}

int64_t loop_wall_ms(const struct loop *loop)
{
    return loop->wall_ms;
}

uint64_t loop_clock_us(void)
{
    return monotonic_us();
}

/* The epoll descriptor tells the loops apart, so that no counter is shared. */
uint64_t loop_next_id(struct loop *loop)
{
    return ++loop->last_id << 16 | (uint64_t)(loop->epoll_fd & 0xffff);
}

static struct epoll_event event_for(struct loop_watch *watch)
{
    struct epoll_event event = {.data.ptr = watch};

    if (watch->events & LOOP_READABLE)
        event.events |= EPOLLIN;
    if (watch->events & LOOP_WRITABLE)
        event.events |= EPOLLOUT;
    if (watch->events & LOOP_EDGE)
        event.events |= EPOLLET | EPOLLRDHUP;
    return event;
}

enum err loop_watch_start(struct loop *loop, struct loop_watch *watch, int fd, unsigned events)
{
    struct epoll_event event;

    assert(watch->loop == NULL && watch->on_ready != NULL);
    watch->fd = fd;
    watch->events = events;
    event = event_for(watch);
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        return ERR_IO;
    watch->loop = loop;
    return ERR_NONE;
}

void loop_watch_change(struct loop_watch *watch, unsigned events)
{
    struct epoll_event event;
    int result;

    assert(watch->loop != NULL);
    if (watch->events == events)
        return;
    watch->events = events;
    event = event_for(watch);
    result = epoll_ctl(watch->loop->epoll_fd, EPOLL_CTL_MOD, watch->fd, &event);
    assert(result == 0);
    (void)result;
}

void loop_watch_stop(struct loop_watch *watch)
{
    struct loop *loop = watch->loop;

    if (loop == NULL)
        return;
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
    for (int at = loop->event_at + 1; at < loop->event_count; at++)
        if (loop->events[at].data.ptr == watch)
            loop->events[at].data.ptr = NULL;
    watch->loop = NULL;
}

void loop_timer_start(struct loop *loop, struct timer *timer, uint64_t delay_ms, timer_fn on_due)
{
    uint64_t due_ms = delay_ms < UINT64_MAX - loop->now_ms ? loop->now_ms + delay_ms : UINT64_MAX;

    timer_start(loop->wheel, timer, due_ms, on_due);
}

/* A task is in one list at most, and stays where it is first. */
static void queue_task(struct link *list, struct loop_task *task)
{
    if (task->link.next == NULL)
        link_init(&task->link);
    if (link_is_alone(&task->link))
        link_insert(list, &task->link);
}

void loop_task_queue(struct loop *loop, struct loop_task *task)
{
    queue_task(&loop->tasks, task);
}

void loop_task_queue_next(struct loop *loop, struct loop_task *task)
{
    queue_task(&loop->next_tasks, task);
}

void loop_slow_queue(struct loop *loop, struct loop_task *task)
{
    queue_task(&loop->slow, task);
}

bool loop_is_behind(const struct loop *loop)
{
    return loop->is_behind;
}

bool loop_task_is_queued(const struct loop_task *task)
{
    return task->link.next != NULL && !link_is_alone(&task->link);
}

void loop_task_cancel(struct loop_task *task)
{
    if (task->link.next != NULL)
        link_remove(&task->link);
}

struct transport_thread *loop_transports(struct loop *loop)
{
    return &loop->transports;
}

struct pool *loop_pool(struct loop *loop)
{
    return loop->pool;
}

struct stash *loop_stash(struct loop *loop)
{
    return &loop->stash;
}

char *loop_receive_scratch(struct loop *loop)
{
    return loop->receive_scratch;
}

char *loop_send_scratch(struct loop *loop)
{
    return loop->send_scratch;
}
