#include "ctl/ctl_cert.h"

#include "ctl/ctl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_WORDS = 16 };

/* What a run wrote to stdout and stderr. */
static char out[8192];
static char err[4096];

static int temporary(void)
{
    char path[] = "/tmp/cert-XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    unlink(path);
    return fd;
}

static void read_back(int fd, char *text, size_t cap)
{
    ssize_t got = pread(fd, text, cap - 1, 0);

    text[got > 0 ? got : 0] = '\0';
    close(fd);
}

static int run(const char *const *words)
{
    char *argv[MAX_WORDS] = {NULL};
    int fds[2] = {temporary(), temporary()};
    int saved[2] = {dup(STDOUT_FILENO), dup(STDERR_FILENO)};
    int argc = 0;
    int status;

    for (; words[argc] != NULL; argc++)
        argv[argc] = strdup(words[argc]);
    fflush(stdout);
    dup2(fds[0], STDOUT_FILENO);
    dup2(fds[1], STDERR_FILENO);
    status = ctl_cert_main(argc, argv);
    fflush(stdout);
    dup2(saved[0], STDOUT_FILENO);
    dup2(saved[1], STDERR_FILENO);
    close(saved[0]);
    close(saved[1]);
    read_back(fds[0], out, sizeof out);
    read_back(fds[1], err, sizeof err);
    for (int i = 0; i < argc; i++)
        free(argv[i]);
    return status;
}

#define RUN(...) run((const char *const[]){"cert", __VA_ARGS__, NULL})

static bool is_there(const char *directory, const char *name)
{
    char path[128];
    struct stat found;
    bool is_file;

    snprintf(path, sizeof path, "%s/%s", directory, name);
    is_file = stat(path, &found) == 0 && found.st_size > 0;
    unlink(path);
    return is_file;
}

static void init_makes_all_files_in_a_new_directory(void **state)
{
    char parent[] = "/tmp/cert-XXXXXX";
    char directory[64];

    (void)state;
    assert_non_null(mkdtemp(parent));
    snprintf(directory, sizeof directory, "%s/tls", parent);
    assert_int_equal(RUN("init", "--dir", directory, "--name", "iot.example.com",
                         "--name=192.0.2.7", "--days", "30"),
                     CTL_OK);
    assert_non_null(strstr(out, "valid 30 days for:\n  iot.example.com\n  192.0.2.7\n"));
    assert_true(is_there(directory, "ca.pem"));
    assert_true(is_there(directory, "ca.key"));
    assert_true(is_there(directory, "server-ecdsa.pem"));
    assert_true(is_there(directory, "server-ecdsa.key"));
    assert_true(is_there(directory, "server-rsa.pem"));
    assert_true(is_there(directory, "server-rsa.key"));
    assert_int_equal(rmdir(directory), 0);
    assert_int_equal(rmdir(parent), 0);
}

static void the_default_names_are_this_host(void **state)
{
    static const char *const files[] = {"ca.pem",         "ca.key",         "server-ecdsa.pem",
                                        "server-rsa.pem", "server-rsa.key", "server-ecdsa.key"};
    char directory[] = "/tmp/cert-XXXXXX";

    (void)state;
    assert_non_null(mkdtemp(directory));
    assert_int_equal(RUN("init", "--dir", directory), CTL_OK);
    assert_non_null(strstr(out, "valid 825 days for:\n"));
    assert_non_null(strstr(out, "  localhost\n"));
    assert_non_null(strstr(out, "  127.0.0.1\n"));
    assert_non_null(strstr(out, "  ::1\n"));
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_true(is_there(directory, files[i]));
    assert_int_equal(rmdir(directory), 0);
}

static void a_wrong_line_is_explained(void **state)
{
    (void)state;
    assert_int_equal(RUN("int"), CTL_USAGE);
    assert_non_null(strstr(err, "the one verb is init, not 'int'"));
    assert_int_equal(run((const char *const[]){"cert", NULL}), CTL_USAGE);
    assert_int_equal(RUN("init", "--dri", "x"), CTL_USAGE);
    assert_non_null(strstr(err, "no option '--dri'"));
    assert_non_null(strstr(err, "did you mean '--dir'?"));
    assert_int_equal(RUN("init", "--days", "0"), CTL_USAGE);
    assert_int_equal(RUN("init", "--days", "36501"), CTL_USAGE);
    assert_non_null(strstr(err, "--days must be a number from 1 to 36500, not '36501'"));
    assert_int_equal(RUN("init", "--name"), CTL_USAGE);
    assert_non_null(strstr(err, "a value is missing behind '--name'"));
    assert_int_equal(RUN("init", "x"), CTL_USAGE);
    assert_non_null(strstr(err, "one word too many: 'x'"));
}

static void what_can_not_be_made_is_told(void **state)
{
    char directory[] = "/tmp/cert-XXXXXX";

    (void)state;
    assert_int_equal(RUN("init", "--dir", "/nonexistent/a/b"), CTL_REFUSED);
    assert_non_null(strstr(err, "can't make the directory /nonexistent/a/b"));
    assert_non_null(mkdtemp(directory));
    assert_int_equal(RUN("init", "--dir", directory, "--name", "not a name"), CTL_REFUSED);
    assert_true(strlen(err) > strlen("switchyard cert: \n"));
    is_there(directory, "ca.pem");
    is_there(directory, "ca.key");
    assert_int_equal(rmdir(directory), 0);
}

static void help_explains(void **state)
{
    (void)state;
    assert_int_equal(RUN("--help"), CTL_OK);
    assert_non_null(strstr(out, "switchyard cert init [--dir DIR]"));
    assert_int_equal(RUN("init", "--help"), CTL_OK);
    assert_non_null(strstr(out, "Examples:"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(init_makes_all_files_in_a_new_directory),
        cmocka_unit_test(the_default_names_are_this_host),
        cmocka_unit_test(a_wrong_line_is_explained),
        cmocka_unit_test(what_can_not_be_made_is_told),
        cmocka_unit_test(help_explains),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
