#include "bench/bench_team.h"

#include "bench/bench_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child has copies of the pipes of those before it: they must end with their owner. */
static void forget(const struct bench_team *team)
{
    for (size_t i = 0; i < team->count; i++) {
        close(team->members[i].up);
        close(team->members[i].down);
    }
}

static enum err start_one(struct bench_team *team, const struct bench_options *options,
                          const struct bench_duty *duty)
{
    int up[2];
    int down[2];
    pid_t pid;

    if (pipe2(up, O_CLOEXEC) != 0)
        return ERR_IO;
    if (pipe2(down, O_CLOEXEC) != 0) {
        close(up[0]);
        close(up[1]);
        return ERR_IO;
    }
    pid = fork();
    if (pid == 0) {
        forget(team);
        close(up[0]);
        close(down[1]);
        exit(bench_run(options, duty, team->board, team->count,
                       (struct bench_pipes){.up = up[1], .down = down[0]}));
    }
    close(up[1]);
    close(down[0]);
    if (pid < 0) {
        close(up[0]);
        close(down[1]);
        return ERR_IO;
    }
    team->members[team->count++] = (struct bench_member){.pid = pid, .up = up[0], .down = down[1]};
    return ERR_NONE;
}

enum err bench_team_start(struct bench_team *team, const struct bench_options *options,
                          const struct bench_plan *plan)
{
    enum err err = ERR_NONE;

    *team = (struct bench_team){.board = bench_board_new(plan->count)};
    if (team->board == NULL)
        return ERR_IO;
    fflush(NULL); /* what is buffered must not be written by each child as well */
    for (size_t i = 0; i < plan->count && !err; i++)
        err = start_one(team, options, &plan->duties[i]);
    if (err) {
        bench_team_stop(team);
        bench_team_free(team);
    }
    return err;
}

bool bench_team_go(struct bench_team *team)
{
    const char go = 'g';

    for (size_t i = 0; i < team->count; i++) {
        team->members[i].is_ready = false;
        if (write(team->members[i].down, &go, 1) != 1)
            return false;
    }
    return true;
}

/* Takes what the member has said. */
static bool hear(struct bench_member *member)
{
    char said;

    if (read(member->up, &said, 1) != 1)
        return false;
    member->is_ready = true;
    return true;
}

static bool are_all_ready(const struct bench_team *team)
{
    for (size_t i = 0; i < team->count; i++) {
        if (!team->members[i].is_ready)
            return false;
    }
    return true;
}

enum bench_team_state bench_team_wait(struct bench_team *team, int max_wait_ms)
{
    struct pollfd watched[BENCH_PROCESSES_MAX] = {{0}};
    int count;

    for (size_t i = 0; i < team->count; i++)
        watched[i] = (struct pollfd){.fd = team->members[i].up, .events = POLLIN};
    count = poll(watched, team->count, max_wait_ms);
    if (count < 0 && errno != EINTR)
        return BENCH_TEAM_GONE;
    for (size_t i = 0; count > 0 && i < team->count; i++) {
        if (watched[i].revents != 0 && !hear(&team->members[i]))
            return BENCH_TEAM_GONE;
    }
    return are_all_ready(team) ? BENCH_TEAM_READY : BENCH_TEAM_BUSY;
}

static bool has_ended_well(pid_t pid)
{
    int status;
    pid_t ended;

    do
        ended = waitpid(pid, &status, 0);
    while (ended < 0 && errno == EINTR);
    return ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool bench_team_stop(struct bench_team *team)
{
    bool is_well = true;

    for (size_t i = 0; i < team->count; i++)
        close(team->members[i].down);
    for (size_t i = 0; i < team->count; i++) {
        is_well &= has_ended_well(team->members[i].pid);
        close(team->members[i].up);
    }
    team->count = 0;
    return is_well;
}

void bench_team_free(struct bench_team *team)
{
    bench_board_free(team->board);
    team->board = NULL;
}
