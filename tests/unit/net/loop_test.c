#include "net/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct pipe_end {
    struct loop_watch watch;
    int fds[2];
    int ready;
    unsigned events;
    struct pipe_end *stops; /* whose watch is stopped when this one is ready */
};

static void on_pipe_ready(struct loop_watch *watch, unsigned events)
{
    struct pipe_end *end = CONTAINER_OF(watch, struct pipe_end, watch);

    end->ready++;
    end->events = events;
    if (end->stops != NULL)
        loop_watch_stop(&end->stops->watch);
}

static void open_pipe(struct loop *loop, struct pipe_end *end)
{
    memset(end, 0, sizeof *end);
    assert_int_equal(pipe(end->fds), 0);
    end->watch.on_ready = on_pipe_ready;
    assert_int_equal(loop_watch_start(loop, &end->watch, end->fds[0], LOOP_READABLE), ERR_NONE);
}

static void fill(const struct pipe_end *end)
{
    assert_int_equal(write(end->fds[1], "x", 1), 1);
}

static void drain(const struct pipe_end *end)
{
    char byte;

    assert_int_equal(read(end->fds[0], &byte, 1), 1);
}

static void close_pipe(struct pipe_end *end)
{
    loop_watch_stop(&end->watch);
    close(end->fds[0]);
    if (end->fds[1] >= 0)
        close(end->fds[1]);
}

static void a_ready_descriptor_is_told_each_turn_until_it_is_drained(void **state)
{
    struct loop *loop = loop_new();
    struct pipe_end end;

    (void)state;
    open_pipe(loop, &end);
    loop_turn(loop, 0);
    assert_int_equal(end.ready, 0);
    fill(&end);
    loop_turn(loop, -1);
    loop_turn(loop, -1);
    assert_int_equal(end.ready, 2);
    assert_int_equal(end.events, LOOP_READABLE);
    drain(&end);
    loop_turn(loop, 0);
    assert_int_equal(end.ready, 2);
    close_pipe(&end);
    loop_free(loop);
}

static void at_the_edge_what_was_told_is_not_told_again(void **state)
{
    struct loop *loop = loop_new();
    struct pipe_end end;

    (void)state;
    open_pipe(loop, &end);
    loop_watch_change(&end.watch, LOOP_READABLE | LOOP_EDGE);
    fill(&end);
    loop_turn(loop, -1);
    loop_turn(loop, 0);
    assert_int_equal(end.ready, 1);
    fill(&end);
    loop_turn(loop, -1);
    assert_int_equal(end.ready, 2);
    assert_int_equal(end.events, LOOP_READABLE);
    close_pipe(&end);
    loop_free(loop);
}

static void at_the_edge_the_peers_end_is_told_with_what_comes_before_it(void **state)
{
    struct pipe_end end = {.watch.on_ready = on_pipe_ready};
    struct loop *loop = loop_new();

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, end.fds), 0);
    assert_int_equal(loop_watch_start(loop, &end.watch, end.fds[0], LOOP_READABLE | LOOP_EDGE),
                     ERR_NONE);
    fill(&end);
    assert_int_equal(shutdown(end.fds[1], SHUT_WR), 0);
    loop_turn(loop, -1);
    assert_int_equal(end.events, LOOP_READABLE | LOOP_ENDING);
    close_pipe(&end);
    loop_free(loop);
}

static void a_hangup_is_reported_unasked(void **state)
{
    struct loop *loop = loop_new();
    struct pipe_end end;

    (void)state;
    open_pipe(loop, &end);
    loop_watch_change(&end.watch, 0);
    close(end.fds[1]);
    end.fds[1] = -1;
    loop_turn(loop, -1);
    assert_int_equal(end.events, LOOP_HANGUP);
    close_pipe(&end);
    loop_free(loop);
}

static void a_watch_can_be_changed_and_asks_for_what_it_was_changed_to(void **state)
{
    struct loop *loop = loop_new();
    struct pipe_end end;

    (void)state;
    open_pipe(loop, &end);
    fill(&end);
    loop_watch_change(&end.watch, 0);
    loop_turn(loop, 0);
    assert_int_equal(end.ready, 0);
    loop_watch_change(&end.watch, LOOP_READABLE);
    loop_turn(loop, -1);
    assert_int_equal(end.ready, 1);
    close_pipe(&end);
    loop_free(loop);
}

static void a_watch_stopped_by_another_gets_no_event_of_the_same_turn(void **state)
{
    struct loop *loop = loop_new();
    struct pipe_end a;
    struct pipe_end b;

    (void)state;
    open_pipe(loop, &a);
    open_pipe(loop, &b);
    a.stops = &b;
    b.stops = &a;
    fill(&a);
    fill(&b);
    loop_turn(loop, -1);
    assert_int_equal(a.ready + b.ready, 1);
    close_pipe(&a);
    close_pipe(&b);
    loop_free(loop);
}

static void a_descriptor_that_cannot_be_watched_is_an_error(void **state)
{
    struct loop *loop = loop_new();
    struct loop_watch watch = {.on_ready = on_pipe_ready};

    (void)state;
    assert_int_equal(loop_watch_start(loop, &watch, -1, LOOP_READABLE), ERR_IO);
    assert_null(watch.loop);
    loop_watch_stop(&watch);
    loop_free(loop);
}

/* One line per thing that happens, so that a turn's order can be read. */
struct journal {
    struct loop *loop;
    char text[64];
    struct pipe_end pipe;
    struct timer timer;
    struct mail mail;
    struct loop_task task;
    struct loop_task task_of_task;
};

static void write_down(struct journal *journal, const char *letter)
{
    strncat(journal->text, letter, sizeof journal->text - strlen(journal->text) - 1);
}

static void on_inner_task(struct loop_task *task)
{
    write_down(CONTAINER_OF(task, struct journal, task_of_task), "i");
}

static void on_task(struct loop_task *task)
{
    struct journal *journal = CONTAINER_OF(task, struct journal, task);

    write_down(journal, "e");
    journal->task_of_task.run = on_inner_task;
    loop_task_queue(journal->loop, &journal->task_of_task);
}

static void queue_task(struct journal *journal)
{
    journal->task.run = on_task;
    loop_task_queue(journal->loop, &journal->task);
    loop_task_queue(journal->loop, &journal->task);
}

static void on_journal_pipe(struct loop_watch *watch, unsigned events)
{
    struct journal *journal = CONTAINER_OF(watch, struct journal, pipe.watch);

    (void)events;
    drain(&journal->pipe);
    write_down(journal, "d");
    queue_task(journal);
}

static void on_journal_timer(struct timer *timer)
{
    write_down(CONTAINER_OF(timer, struct journal, timer), "t");
}

static void on_journal_mail(struct mail *mail)
{
    write_down(CONTAINER_OF(mail, struct journal, mail), "m");
}

static void a_turn_runs_descriptors_timers_mail_and_then_what_was_put_off(void **state)
{
    struct journal journal = {.loop = loop_new(), .mail.on_mail = on_journal_mail};

    (void)state;
    open_pipe(journal.loop, &journal.pipe);
    journal.pipe.watch.on_ready = on_journal_pipe;
    fill(&journal.pipe);
    loop_timer_start(journal.loop, &journal.timer, 0, on_journal_timer);
    mailbox_post(loop_mailbox(journal.loop), &journal.mail);
    loop_turn(journal.loop, -1);
    assert_string_equal(journal.text, "dtmei");
    close_pipe(&journal.pipe);
    loop_free(journal.loop);
}

static void a_cancelled_task_does_not_run(void **state)
{
    struct journal journal = {.loop = loop_new()};

    (void)state;
    loop_task_cancel(&journal.task);
    queue_task(&journal);
    loop_task_cancel(&journal.task);
    loop_turn(journal.loop, 0);
    assert_string_equal(journal.text, "");
    loop_free(journal.loop);
}

static void freeing_a_loop_runs_what_was_put_off(void **state)
{
    struct journal journal = {.loop = loop_new()};

    (void)state;
    queue_task(&journal);
    loop_free(journal.loop);
    assert_string_equal(journal.text, "ei");
    loop_free(NULL);
}

static void a_task_for_the_next_turn_runs_there_and_lets_nobody_wait(void **state)
{
    struct journal journal = {.loop = loop_new()};

    (void)state;
    queue_task(&journal); /* sets it up */
    loop_task_cancel(&journal.task);
    loop_task_queue_next(journal.loop, &journal.task);
    loop_turn(journal.loop, 0);
    assert_string_equal(journal.text, "");
    loop_turn(journal.loop, -1);
    assert_string_equal(journal.text, "ei");
    loop_free(journal.loop);
}

enum { STEPS = 2 * LOOP_SLOW_PER_TURN + 1 };

struct step {
    struct loop_task task;
    int number;
    int *done;
};

static void on_step(struct loop_task *task)
{
    struct step *step = CONTAINER_OF(task, struct step, task);

    assert_int_equal(step->number, *step->done);
    ++*step->done;
}

static void slow_steps_share_their_turns_with_the_events(void **state)
{
    struct loop *loop = loop_new();
    struct step steps[STEPS];
    struct pipe_end end;
    int done = 0;

    (void)state;
    open_pipe(loop, &end);
    fill(&end);
    for (int i = 0; i < STEPS; i++) {
        steps[i] = (struct step){.task.run = on_step, .number = i, .done = &done};
        loop_slow_queue(loop, &steps[i].task);
        assert_true(loop_task_is_queued(&steps[i].task));
    }
    for (int turn = 1; turn <= 3; turn++) {
        loop_turn(loop, -1);
        assert_int_equal(end.ready, turn);
        assert_int_equal(done, turn < 3 ? turn * LOOP_SLOW_PER_TURN : STEPS);
        assert_int_equal(loop_is_behind(loop), turn < 3);
    }
    assert_false(loop_task_is_queued(&steps[0].task));
    close_pipe(&end);
    loop_free(loop);
}

struct endless {
    struct loop *loop;
    struct loop_task task;
    int runs;
};

static void on_endless(struct loop_task *task)
{
    struct endless *endless = CONTAINER_OF(task, struct endless, task);

    endless->runs++;
    loop_task_queue(endless->loop, task);
}

static void a_task_that_queues_itself_for_ever_does_not_starve_descriptors(void **state)
{
    struct endless endless = {.loop = loop_new(), .task.run = on_endless};
    struct pipe_end end;

    (void)state;
    open_pipe(endless.loop, &end);
    fill(&end);
    loop_task_queue(endless.loop, &endless.task);
    loop_turn(endless.loop, -1);
    loop_turn(endless.loop, -1);
    assert_int_equal(end.ready, 2);
    assert_true(endless.runs > 1);
    loop_task_cancel(&endless.task);
    close_pipe(&end);
    loop_free(endless.loop);
}

struct alarm {
    struct timer timer;
    struct loop *loop;
    uint64_t fired_ms;
};

static void on_alarm(struct timer *timer)
{
    struct alarm *alarm = CONTAINER_OF(timer, struct alarm, timer);

    alarm->fired_ms = loop_now_ms(alarm->loop);
    loop_stop(alarm->loop);
}

static void a_timer_wakes_the_loop_and_is_never_early(void **state)
{
    struct alarm alarm = {.loop = loop_new()};
    uint64_t start_ms = loop_now_ms(alarm.loop);

    (void)state;
    loop_timer_start(alarm.loop, &alarm.timer, 30, on_alarm);
    loop_run(alarm.loop);
    assert_true(alarm.fired_ms >= start_ms + 30);
    loop_free(alarm.loop);
}

static void *stop_the_loop(void *loop)
{
    loop_stop(loop);
    return NULL;
}

static void a_waiting_loop_is_stopped_from_another_thread(void **state)
{
    struct loop *loop = loop_new();
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, stop_the_loop, loop), 0);
    loop_run(loop);
    pthread_join(thread, NULL);
    loop_free(loop);
}

static void the_scratch_areas_are_apart_and_whole(void **state)
{
    struct loop *loop = loop_new();

    (void)state;
    memset(loop_receive_scratch(loop), 'r', LOOP_SCRATCH_BYTES);
    memset(loop_send_scratch(loop), 's', LOOP_SCRATCH_BYTES);
    assert_int_equal(loop_receive_scratch(loop)[LOOP_SCRATCH_BYTES - 1], 'r');
    assert_int_equal(loop_receive_scratch(loop)[0], 'r');
    assert_true(loop_clock_us() / 1000 >= loop_now_ms(loop));
    assert_true(loop_wall_ms(loop) > INT64_C(1700000000000));
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ready_descriptor_is_told_each_turn_until_it_is_drained),
        cmocka_unit_test(at_the_edge_what_was_told_is_not_told_again),
        cmocka_unit_test(at_the_edge_the_peers_end_is_told_with_what_comes_before_it),
        cmocka_unit_test(a_hangup_is_reported_unasked),
        cmocka_unit_test(a_watch_can_be_changed_and_asks_for_what_it_was_changed_to),
        cmocka_unit_test(a_watch_stopped_by_another_gets_no_event_of_the_same_turn),
        cmocka_unit_test(a_descriptor_that_cannot_be_watched_is_an_error),
        cmocka_unit_test(a_turn_runs_descriptors_timers_mail_and_then_what_was_put_off),
        cmocka_unit_test(a_cancelled_task_does_not_run),
        cmocka_unit_test(freeing_a_loop_runs_what_was_put_off),
        cmocka_unit_test(a_task_for_the_next_turn_runs_there_and_lets_nobody_wait),
        cmocka_unit_test(slow_steps_share_their_turns_with_the_events),
        cmocka_unit_test(a_task_that_queues_itself_for_ever_does_not_starve_descriptors),
        cmocka_unit_test(a_timer_wakes_the_loop_and_is_never_early),
        cmocka_unit_test(a_waiting_loop_is_stopped_from_another_thread),
        cmocka_unit_test(the_scratch_areas_are_apart_and_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
