#include "ctl_run.h"

#include "ctl/ctl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_WORDS = 32, MAX_TURNS = 60000 };

static int temporary(void)
{
    char path[] = "/tmp/ctl-XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    unlink(path);
    return fd;
}

static void read_back(int fd, char *out, size_t cap)
{
    ssize_t got = pread(fd, out, cap - 1, 0);

    assert_true(got >= 0);
    out[got] = '\0';
    close(fd);
}

static _Noreturn void be_ctl(int in, int out, int err, int argc, char **argv)
{
    int status;

    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    status = ctl_main(argc, argv, NULL);
    fflush(stdout);
    fflush(stderr);
    _exit(status);
}

void ctl_run(struct admin_rig *rig, const char *input, const char *const *words,
             struct ctl_run *run)
{
    char *argv[MAX_WORDS] = {strdup("ctl"), strdup("--socket"), strdup(rig->path)};
    int fds[3] = {temporary(), temporary(), temporary()};
    int argc = 3;
    int status = 0;
    pid_t child;

    for (size_t i = 0; words[i] != NULL && argc < MAX_WORDS - 1; i++)
        argv[argc++] = strdup(words[i]);
    if (input != NULL)
        assert_int_equal(pwrite(fds[0], input, strlen(input), 0), strlen(input));
    fflush(stdout);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        be_ctl(fds[0], fds[1], fds[2], argc, argv);
    for (int turns = 0; waitpid(child, &status, WNOHANG) == 0; turns++) {
        assert_true(turns < MAX_TURNS);
        loop_turn(rig->loop, 5);
    }
    assert_true(WIFEXITED(status));
    run->status = WEXITSTATUS(status);
    close(fds[0]);
    read_back(fds[1], run->out, sizeof run->out);
    read_back(fds[2], run->err, sizeof run->err);
    for (int i = 0; i < argc; i++)
        free(argv[i]);
}
