/*
 * A process is killed in the middle of a stream of changes; every change it had been answered is in
 * the file afterwards.
 */
#include "store/store_device.h"
#include "store_fixture.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    ROUNDS = 9,
    DEVICES = 1200, /* more than one slice folds */
    UNDER_WAY = 64,
};

/* What the child tells once it has been answered: device `device` has the params {"n":n}. */
struct acknowledged {
    uint32_t device;
    uint32_t n;
};

struct stream {
    struct store *store;
    struct mailbox *mailbox;
    uint32_t next;
    int fd;
};

struct step {
    struct stream *stream;
    struct acknowledged what;
};

static void must(bool is_true)
{
    if (!is_true)
        _exit(3);
}

static void send_next(struct step *step);

static void on_done(void *ctx, enum err err)
{
    struct step *step = ctx;

    must(err == ERR_NONE);
    must(write(step->stream->fd, &step->what, sizeof step->what) == sizeof step->what);
    send_next(step);
}

static void send_next(struct step *step)
{
    struct stream *stream = step->stream;
    struct store_device_change change = {0};
    char id[16];
    char params[32];

    step->what = (struct acknowledged){.device = stream->next % DEVICES, .n = stream->next};
    stream->next++;
    snprintf(id, sizeof id, "d%u", step->what.device);
    snprintf(params, sizeof params, "{\"n\":%u}", step->what.n);
    change.id = str_of(id);
    change.params = str_of(params);
    must(store_device_update(stream->store, stream->mailbox, &change, on_done, step) == ERR_NONE);
}

/* Sends changes, UNDER_WAY at a time, and tells each answer, until it is killed. */
static void run_child(const struct store_config *config, uint32_t from, int fd)
{
    struct stream stream = {.mailbox = mailbox_new(), .next = from, .fd = fd};
    struct step steps[UNDER_WAY];
    struct pollfd ready = {.fd = mailbox_fd(stream.mailbox), .events = POLLIN};

    must(store_open(config, NULL, &stream.store) == ERR_NONE);
    for (size_t i = 0; i < UNDER_WAY; i++) {
        steps[i].stream = &stream;
        send_next(&steps[i]);
    }
    while (poll(&ready, 1, -1) == 1)
        mailbox_deliver(stream.mailbox);
    must(false);
}

/* Reads what was acknowledged, kills after `enough`, and keeps the last n of each device. */
static uint32_t kill_after(pid_t child, int fd, uint32_t enough, uint32_t last[DEVICES])
{
    struct acknowledged what;
    uint32_t count = 0;
    int status;

    while (read(fd, &what, sizeof what) == sizeof what) {
        assert_true(what.device < DEVICES);
        assert_true(what.n >= last[what.device]);
        last[what.device] = what.n;
        if (++count == enough)
            assert_int_equal(kill(child, SIGKILL), 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
    return count;
}

/* Without a store of its own open, as the child inherits no threads. */
static uint32_t crash_once(struct store_fixture *fx, uint32_t from, uint32_t enough,
                           uint32_t last[DEVICES])
{
    int fds[2];
    uint32_t count;
    pid_t child;

    assert_int_equal(pipe(fds), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(fds[0]);
        run_child(&fx->config, from, fds[1]);
        _exit(4);
    }
    close(fds[1]);
    count = kill_after(child, fds[0], enough, last);
    close(fds[0]);
    return count;
}

/* What is there is what was acknowledged last, or one that was sent after it. */
static void check_file(struct store_fixture *fx, const uint32_t last[DEVICES])
{
    store_fixture_open(fx);
    for (uint32_t device = 0; device < DEVICES; device++) {
        struct store_answer answer;
        char id[16];
        unsigned n = device;

        snprintf(id, sizeof id, "d%u", device);
        assert_int_equal(store_fixture_find_device(fx, id, &answer), ERR_NONE);
        if (last[device] > 0)
            assert_int_equal(sscanf(answer.device.params, "{\"n\":%u}", &n), 1);
        assert_true(n >= last[device]);
        assert_int_equal(n % DEVICES, device);
    }
    store_fixture_close(fx);
}

static void create_devices(struct store_fixture *fx)
{
    static struct device_record devices[DEVICES];
    struct store_answer answer = {0};

    for (unsigned device = 0; device < DEVICES; device++) {
        snprintf(devices[device].id, sizeof devices[device].id, "d%u", device);
        devices[device].key[0] = 'k';
    }
    store_fixture_open(fx);
    assert_int_equal(store_device_create(fx->store, fx->mailbox, devices, DEVICES,
                                         store_fixture_on_done, &answer),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    store_fixture_close(fx);
}

/* The blow falls while the journal grows alone, while each group folds, or among slices. */
static void every_acknowledged_change_survives_kill_9(void **state)
{
    static const size_t journals[] = {0, 1, 160 * 1024};
    struct store_fixture *fx = *state;
    uint32_t last[DEVICES] = {0};
    uint32_t from = 0;

    create_devices(fx);
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint32_t enough = DEVICES * 2 + round * 331;

        fx->config.commit_ms = round % 2;
        fx->config.journal_bytes = journals[round % 3];
        assert_true(crash_once(fx, from, enough, last) >= enough);
        check_file(fx, last);
        from += 1024 * 1024; /* above whatever was under way when the last one was killed */
        assert_true(last[0] < from);
    }
}

static int setup_closed(void **state)
{
    *state = store_fixture_new();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_acknowledged_change_survives_kill_9, setup_closed,
                                        store_fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
