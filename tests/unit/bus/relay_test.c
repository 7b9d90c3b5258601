#include "bus/relay.h"

#include "base/buf.h"
#include "net/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

enum { HOMES = 3, MAX_WAITING = 4, MAX_BYTES = 64, LONG_MS = 3600 * 1000, SHORT_MS = 5 };

/* A worker: what it was written, a line each, and whether it answers at once. */
struct worker {
    struct loop *loop;
    struct relay_desk *desk;
    struct buf told;
    bool is_slow;
    struct relay_ticket ticket; /* of the last question to it */
    struct relay_call *call;    /* the last question of its own */
};

struct world {
    struct relay *relay;
    struct worker workers[HOMES];
    struct worker main; /* writes, but is nobody's home */
};

static void answer_question(struct worker *worker, struct relay_ticket ticket, struct str body)
{
    struct buf answer = BUF_EMPTY;

    buf_append(&answer, STR("re: "));
    buf_append(&answer, body);
    relay_answer(worker->desk, ticket, buf_str(&answer));
    buf_free(&answer);
}

static void on_question(void *ctx, const struct relay_letter *letter, struct relay_ticket ticket)
{
    struct worker *worker = ctx;

    buf_printf(&worker->told, "question %u for " STR_FMT ": " STR_FMT "\n", letter->kind,
               STR_ARG(letter->account), STR_ARG(letter->body));
    worker->ticket = ticket;
    if (!worker->is_slow)
        answer_question(worker, ticket, letter->body);
}

static void on_notice(void *ctx, const struct relay_letter *letter)
{
    struct worker *worker = ctx;

    buf_printf(&worker->told, "notice %u for " STR_FMT ": " STR_FMT "\n", letter->kind,
               STR_ARG(letter->account), STR_ARG(letter->body));
}

static const struct relay_service service = {on_question, on_notice};

static void on_answer(void *ctx, enum err err, struct str body)
{
    struct worker *asker = ctx;

    buf_printf(&asker->told, "%s" STR_FMT "\n", err == ERR_NONE ? "" : err_text(err),
               STR_ARG(body));
}

static void open_world(struct world *world)
{
    const struct relay_config config = {MAX_WAITING, MAX_BYTES};

    memset(world, 0, sizeof *world);
    world->relay = relay_new(&config);
    for (size_t i = 0; i < HOMES; i++) {
        struct worker *worker = &world->workers[i];

        worker->loop = loop_new();
        worker->desk = relay_desk_new(world->relay, worker->loop, NULL, true);
        relay_desk_serve(worker->desk, &service, worker);
    }
    world->main.loop = loop_new();
    world->main.desk = relay_desk_new(world->relay, world->main.loop, NULL, false);
}

static void close_worker(struct worker *worker)
{
    relay_desk_free(worker->desk);
    loop_free(worker->loop);
    buf_free(&worker->told);
}

static void close_world(struct world *world)
{
    for (size_t i = 0; i < HOMES; i++)
        close_worker(&world->workers[i]);
    close_worker(&world->main);
    relay_free(world->relay);
}

static void turn(struct worker *worker)
{
    loop_turn(worker->loop, 0);
}

static void was_told(struct worker *worker, const char *lines)
{
    buf_append_byte(&worker->told, '\0');
    assert_string_equal(worker->told.ptr, lines);
    buf_clear(&worker->told);
}

/* An account that is at home there. */
static struct str account_of(const struct world *world, size_t home)
{
    static const char *const names[] = {"ann", "ben", "cid", "dot", "eve", "fay", "gus", "hal"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (relay_home(world->main.desk, str_of(names[i])) == home)
            return str_of(names[i]);
    fail_msg("nobody lives at home %zu", home);
    return STR_EMPTY;
}

static enum err ask(const struct world *world, struct worker *asker, size_t home, const char *body,
                    uint64_t deadline_ms)
{
    const struct relay_question question = {
        .letter = {.account = account_of(world, home), .kind = 7, .body = str_of(body)},
        .deadline_ms = deadline_ms,
        .on_answer = on_answer,
        .ctx = asker,
    };

    return relay_ask(asker->desk, &question, &asker->call);
}

/* Deadlines are the loops' own: turns, until something was told. */
static void await_answer(struct worker *asker)
{
    for (int turns = 0; turns < 5000 && asker->told.len == 0; turns++)
        loop_turn(asker->loop, 2);
}

static void a_question_is_answered_by_the_home_wherever_it_is(void **state)
{
    struct world world;
    char expected[128];

    (void)state;
    open_world(&world);
    for (size_t home = 0; home < HOMES; home++) {
        struct worker *asker = &world.workers[0]; /* its own home, and others */
        struct worker *host = &world.workers[home];

        assert_int_equal(ask(&world, asker, home, "hello", LONG_MS), ERR_NONE);
        was_told(host, "");
        assert_false(relay_desk_is_idle(asker->desk));
        turn(host);
        snprintf(expected, sizeof expected, "question 7 for %s: hello\n",
                 account_of(&world, home).ptr);
        if (host != asker)
            was_told(host, expected);
        else
            buf_clear(&host->told);
        turn(asker);
        was_told(asker, "re: hello\n");
        assert_true(relay_desk_is_idle(asker->desk));
    }
    close_world(&world);
}

static void who_is_no_home_asks_too(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    assert_int_equal(ask(&world, &world.main, 2, "", LONG_MS), ERR_NONE);
    turn(&world.workers[2]);
    turn(&world.main);
    was_told(&world.main, "re: \n");
    close_world(&world);
}

static void a_question_without_an_answer_ends_by_its_deadline_and_once(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    world.workers[1].is_slow = true;
    assert_int_equal(ask(&world, &world.main, 1, "hello", SHORT_MS), ERR_NONE);
    turn(&world.workers[1]);
    await_answer(&world.main);
    was_told(&world.main, "not available\n");
    answer_question(&world.workers[1], world.workers[1].ticket, STR("too late"));
    turn(&world.main);
    was_told(&world.main, "");
    assert_true(relay_desk_is_idle(world.main.desk));
    close_world(&world);
}

static void the_answer_to_a_cancelled_question_reaches_nobody(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    assert_int_equal(ask(&world, &world.main, 1, "one", LONG_MS), ERR_NONE);
    relay_cancel(world.main.call);
    assert_true(relay_desk_is_idle(world.main.desk));
    assert_int_equal(ask(&world, &world.main, 1, "two", LONG_MS), ERR_NONE);
    turn(&world.workers[1]);
    turn(&world.main);
    was_told(&world.main, "re: two\n");
    close_world(&world);
}

static void letters_arrive_in_their_order(void **state)
{
    struct world world;
    struct relay_letter letter = {.kind = 3};

    (void)state;
    open_world(&world);
    letter.account = account_of(&world, 0);
    for (int i = 0; i < MAX_WAITING; i++) {
        const char number[] = {(char)('0' + i), '\0'};

        letter.body = str_of(number);
        assert_int_equal(relay_tell(world.main.desk, &letter), ERR_NONE);
    }
    turn(&world.workers[0]);
    buf_append_byte(&world.workers[0].told, '\0');
    assert_non_null(strstr(world.workers[0].told.ptr, ": 0\nnotice"));
    assert_non_null(strstr(world.workers[0].told.ptr, ": 1\nnotice"));
    assert_non_null(strstr(world.workers[0].told.ptr, ": 3\n"));
    close_world(&world);
}

static void what_waits_for_a_desk_is_bounded_in_number_and_bytes(void **state)
{
    struct world world;
    struct relay_letter letter = {.kind = 3};
    char large[MAX_BYTES] = {0};

    (void)state;
    open_world(&world);
    letter.account = account_of(&world, 0);
    for (int i = 0; i < MAX_WAITING; i++)
        assert_int_equal(relay_tell(world.main.desk, &letter), ERR_NONE);
    assert_int_equal(relay_tell(world.main.desk, &letter), ERR_FULL);
    turn(&world.workers[0]);
    letter.body = (struct str){large, sizeof large};
    assert_int_equal(relay_tell(world.main.desk, &letter), ERR_NONE);
    letter.body.len = 1;
    assert_int_equal(relay_tell(world.main.desk, &letter), ERR_FULL);
    turn(&world.workers[0]);
    letter.body.len = (size_t)RELAY_LETTER_MAX + 1;
    assert_int_equal(relay_tell(world.main.desk, &letter), ERR_TOO_LARGE);
    letter.body.len = 0;
    letter.account = STR("0123456789-0123456789-0123456789-0123456789");
    assert_int_equal(relay_tell(world.main.desk, &letter), ERR_INVALID);
    close_world(&world);
}

static void what_a_desk_asks_is_bounded_and_no_answer_is_refused(void **state)
{
    struct world world;

    (void)state;
    open_world(&world);
    for (size_t i = 0; i < MAX_WAITING; i++)
        assert_int_equal(ask(&world, &world.main, i % HOMES, "x", LONG_MS), ERR_NONE);
    assert_int_equal(ask(&world, &world.main, 0, "x", LONG_MS), ERR_FULL);
    for (size_t i = 0; i < HOMES; i++)
        turn(&world.workers[i]);
    turn(&world.main);
    was_told(&world.main, "re: x\nre: x\nre: x\nre: x\n");
    world.workers[0].is_slow = true;
    assert_int_equal(ask(&world, &world.main, 0, "y", LONG_MS), ERR_NONE);
    turn(&world.workers[0]);
    close_world(&world); /* a question under way goes with its desk */
}

enum { THREADS = HOMES, QUESTIONS = 400 };

/* A thread that asks all homes, its own too, and serves what the others ask. */
struct runner {
    pthread_t thread;
    const struct world *world;
    struct worker *worker;
    size_t asked;
    size_t answered;
    atomic_size_t *done;
};

static void on_runner_answer(void *ctx, enum err err, struct str body)
{
    struct runner *runner = ctx;

    assert_int_equal(err, ERR_NONE);
    assert_true(str_eq(body, STR("re: ping")));
    if (++runner->answered == QUESTIONS)
        atomic_fetch_add(runner->done, 1);
}

static void *run(void *ctx)
{
    struct runner *runner = ctx;
    struct relay_call *call;

    while (atomic_load(runner->done) < THREADS) {
        struct relay_question question = {
            .letter = {.account = account_of(runner->world, runner->asked % HOMES),
                       .body = STR("ping")},
            .deadline_ms = LONG_MS,
            .on_answer = on_runner_answer,
            .ctx = runner,
        };

        if (runner->asked < QUESTIONS &&
            relay_ask(runner->worker->desk, &question, &call) == ERR_NONE)
            runner->asked++;
        loop_turn(runner->worker->loop, runner->asked < QUESTIONS ? 0 : 1);
    }
    return NULL;
}

static void all_is_quiet_once_the_last_letter_is_dealt_with(void **state)
{
    struct world world;
    struct worker *asker;
    uint64_t sent;

    (void)state;
    open_world(&world);
    asker = &world.workers[0];
    assert_true(relay_is_quiet(world.relay, &sent));
    assert_int_equal(sent, 0);
    assert_int_equal(ask(&world, asker, 1, "lamp", LONG_MS), ERR_NONE);
    assert_false(relay_is_quiet(world.relay, &sent));
    turn(&world.workers[1]);
    assert_false(relay_is_quiet(world.relay, &sent));
    turn(asker);
    assert_true(relay_is_quiet(world.relay, &sent));
    assert_int_equal(sent, 2);
    close_world(&world);
}

static void threads_ask_each_other_at_once_and_all_are_answered(void **state)
{
    struct world world;
    struct runner runners[THREADS];
    atomic_size_t done = 0;

    (void)state;
    open_world(&world);
    for (size_t i = 0; i < THREADS; i++) {
        runners[i] = (struct runner){.world = &world, .worker = &world.workers[i], .done = &done};
        assert_int_equal(pthread_create(&runners[i].thread, NULL, run, &runners[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(runners[i].thread, NULL);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(runners[i].answered, QUESTIONS);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_is_answered_by_the_home_wherever_it_is),
        cmocka_unit_test(who_is_no_home_asks_too),
        cmocka_unit_test(a_question_without_an_answer_ends_by_its_deadline_and_once),
        cmocka_unit_test(the_answer_to_a_cancelled_question_reaches_nobody),
        cmocka_unit_test(letters_arrive_in_their_order),
        cmocka_unit_test(what_waits_for_a_desk_is_bounded_in_number_and_bytes),
        cmocka_unit_test(what_a_desk_asks_is_bounded_and_no_answer_is_refused),
        cmocka_unit_test(all_is_quiet_once_the_last_letter_is_dealt_with),
        cmocka_unit_test(threads_ask_each_other_at_once_and_all_are_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
