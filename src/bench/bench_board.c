#include "bench/bench_board.h"

#include <sys/mman.h>

static size_t size_of(size_t count)
{
    return sizeof(struct bench_board) + count * sizeof(struct bench_row);
}

struct bench_board *bench_board_new(size_t count)
{
    struct bench_board *board =
        mmap(NULL, size_of(count), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (board == MAP_FAILED)
        return NULL;
    board->count = count;
    return board;
}

void bench_board_free(struct bench_board *board)
{
    if (board != NULL)
        munmap(board, size_of(board->count));
}

uint64_t bench_board_operations(const struct bench_board *board, enum bench_work work)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < board->count; i++)
        sum += atomic_load(&board->rows[i].counts[work].operations);
    return sum;
}

uint64_t bench_board_errors(const struct bench_board *board, enum bench_work work)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < board->count; i++)
        sum += atomic_load(&board->rows[i].counts[work].errors);
    return sum;
}

uint64_t bench_board_resumed(const struct bench_board *board, enum bench_work work)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < board->count; i++)
        sum += atomic_load(&board->rows[i].counts[work].resumed);
    return sum;
}

void bench_board_latency(const struct bench_board *board, enum bench_work work,
                         struct bench_histogram *out)
{
    *out = (struct bench_histogram){0};
    for (size_t i = 0; i < board->count; i++)
        bench_histogram_merge(out, &board->rows[i].counts[work].latency);
}

void bench_board_late(const struct bench_board *board, struct bench_histogram *out)
{
    *out = (struct bench_histogram){0};
    for (size_t i = 0; i < board->count; i++)
        bench_histogram_merge(out, &board->rows[i].late);
}

const char *bench_board_why(const struct bench_board *board)
{
    for (size_t i = 0; i < board->count; i++) {
        if (board->rows[i].why[0] != '\0')
            return board->rows[i].why;
    }
    return NULL;
}
