#include "bench/bench_board.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void rows_are_summed(void **state)
{
    struct bench_board *board = bench_board_new(3);
    struct bench_histogram latency;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct bench_count *count = &board->rows[i].counts[BENCH_WORK_STORM];

        atomic_store(&count->operations, i + 1);
        atomic_store(&count->errors, 10 * i);
        atomic_store(&count->resumed, i);
        bench_histogram_add(&count->latency, i);
        bench_histogram_add(&board->rows[i].late, 50);
    }
    assert_int_equal(bench_board_operations(board, BENCH_WORK_STORM), 6);
    assert_int_equal(bench_board_errors(board, BENCH_WORK_STORM), 30);
    assert_int_equal(bench_board_resumed(board, BENCH_WORK_STORM), 3);
    assert_int_equal(bench_board_operations(board, BENCH_WORK_IDLE), 0);
    bench_board_latency(board, BENCH_WORK_STORM, &latency);
    assert_int_equal(latency.count, 3);
    assert_int_equal(latency.max_us, 2);
    bench_board_late(board, &latency);
    assert_int_equal(latency.count, 3);
    bench_board_free(board);
}

static void what_another_process_counts_is_seen(void **state)
{
    struct bench_board *board = bench_board_new(2);
    int status;
    pid_t pid;

    (void)state;
    assert_null(bench_board_why(board));
    pid = fork();
    if (pid == 0) {
        atomic_store(&board->rows[1].counts[BENCH_WORK_PING].operations, 7);
        snprintf(board->rows[1].why, BENCH_WHY_CAP, "no more");
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(bench_board_operations(board, BENCH_WORK_PING), 7);
    assert_string_equal(bench_board_why(board), "no more");
    bench_board_free(board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_summed),
        cmocka_unit_test(what_another_process_counts_is_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
