/* The program as it is run: its words, its complaints and its exit codes. */
#include "server/file.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The program, from the command line. Set once, before any test. */
static const char *program;

struct outcome {
    int code;
    char out[65536];
    char err[4096];
};

static void slurp(int fd, char *out, size_t cap)
{
    size_t len = 0;
    ssize_t got;

    lseek(fd, 0, SEEK_SET);
    while (len + 1 < cap && (got = read(fd, out + len, cap - 1 - len)) > 0)
        len += (size_t)got;
    out[len] = '\0';
    close(fd);
}

static int open_file(const struct scratch *scratch, const char *name)
{
    char path[SCRATCH_PATH_CAP];

    return open(scratch_path(scratch, name, path), O_RDWR | O_CREAT | O_TRUNC, 0600);
}

/* Runs `switchyard WORDS...` with one variable set; words end with NULL. */
static struct outcome *run(const struct scratch *scratch, char *variable, char *const *words)
{
    static struct outcome outcome;
    char *argv[16] = {(char[]){"switchyard"}};
    char *variables[] = {variable, NULL};
    int out = open_file(scratch, "stdout");
    int err = open_file(scratch, "stderr");
    int status;
    pid_t pid;

    for (size_t i = 0; words[i] != NULL; i++)
        argv[i + 1] = words[i];
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(out, STDOUT_FILENO);
        dup2(err, STDERR_FILENO);
        execve(program, argv, variables);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    outcome.code = WEXITSTATUS(status);
    slurp(out, outcome.out, sizeof outcome.out);
    slurp(err, outcome.err, sizeof outcome.err);
    return &outcome;
}

#define RUN(scratch, ...) run(scratch, NULL, (char *const[]){__VA_ARGS__, NULL})
#define WORD(text) ((char[]){text})

static void help_names_every_verb(void **state)
{
    static const char *const verbs[] = {"serve", "ctl", "cert", "simulate", "config", "version"};
    const struct outcome *outcome = RUN(*state, WORD("--help"));

    assert_int_equal(outcome->code, 0);
    assert_string_equal(outcome->err, "");
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        assert_non_null(strstr(outcome->out, verbs[i]));
}

static void without_a_word_the_help_is_a_complaint(void **state)
{
    const struct outcome *outcome = run(*state, NULL, (char *const[]){NULL});

    assert_int_equal(outcome->code, 2);
    assert_string_equal(outcome->out, "");
    assert_non_null(strstr(outcome->err, "switchyard serve"));
}

static void a_mistyped_verb_leads_to_the_right_one(void **state)
{
    const struct outcome *outcome = RUN(*state, WORD("serv"));

    assert_int_equal(outcome->code, 2);
    assert_string_equal(outcome->err, "switchyard: no verb \"serv\"; did you mean serve?\n");
    outcome = RUN(*state, WORD("config"), WORD("chek"));
    assert_int_equal(outcome->code, 2);
    assert_string_equal(outcome->err, "switchyard config: no verb \"chek\"; did you mean check?\n");
}

static void the_version_is_told(void **state)
{
    const struct outcome *outcome = RUN(*state, WORD("version"));

    assert_int_equal(outcome->code, 0);
    assert_memory_equal(outcome->out, "switchyard ", 11);
}

static void a_mistake_in_the_file_is_told_with_file_and_line(void **state)
{
    char path[SCRATCH_PATH_CAP];
    char wanted[SCRATCH_PATH_CAP + 128];
    const struct outcome *outcome;

    scratch_path(*state, "yard.yaml", path);
    snprintf(wanted, sizeof wanted, "%s:2: listen.tsl: no such option; did you mean listen.tls?\n",
             path);
    assert_int_equal(file_replace(path, STR("listen:\n  tsl: 1\n"), NULL), ERR_NONE);
    outcome = RUN(*state, WORD("config"), WORD("check"), WORD("--config"), path);
    assert_int_equal(outcome->code, 1);
    assert_string_equal(outcome->err, wanted);
    outcome = RUN(*state, WORD("serve"), WORD("--config"), path);
    assert_int_equal(outcome->code, 1);
    assert_string_equal(outcome->err, wanted);
}

static void a_good_file_passes_the_check(void **state)
{
    char path[SCRATCH_PATH_CAP];
    char wanted[SCRATCH_PATH_CAP + 32];
    char variable[SCRATCH_PATH_CAP + 32];
    const struct outcome *outcome;

    scratch_path(*state, "yard.yaml", path);
    assert_int_equal(file_replace(path, STR("workers: 2\n"), NULL), ERR_NONE);
    snprintf(wanted, sizeof wanted, "%s: no mistakes\n", path);
    snprintf(variable, sizeof variable, "SWITCHYARD_CONFIG=%s", path);
    outcome = run(*state, variable, (char *const[]){WORD("config"), WORD("check"), NULL});
    assert_int_equal(outcome->code, 0);
    assert_string_equal(outcome->out, wanted);
}

static void a_variable_that_is_no_option_is_warned_of(void **state)
{
    const struct outcome *outcome = run(*state, WORD("SWITCHYARD_WORKER=2"),
                                        (char *const[]){WORD("config"), WORD("check"), NULL});

    assert_int_equal(outcome->code, 0);
    assert_string_equal(outcome->err,
                        "SWITCHYARD_WORKER: no such option; did you mean SWITCHYARD_WORKERS?\n");
}

static void show_tells_values_and_origins(void **state)
{
    const struct outcome *outcome =
        run(*state, WORD("SWITCHYARD_WORKERS=2"),
            (char *const[]){WORD("config"), WORD("show"), WORD("--drain"), WORD("3s"), NULL});

    assert_int_equal(outcome->code, 0);
    assert_non_null(strstr(outcome->out, "# SWITCHYARD_WORKERS\n"));
    assert_non_null(strstr(outcome->out, "drain: 3s"));
    assert_non_null(strstr(outcome->out, "# --drain\n"));
}

static void a_wrong_flag_is_wrong_usage(void **state)
{
    const struct outcome *outcome = RUN(*state, WORD("serve"), WORD("--worker"), WORD("2"));

    assert_int_equal(outcome->code, 2);
    assert_string_equal(outcome->err,
                        "switchyard: --worker: no such flag; did you mean --workers?\n");
}

static void serve_explains_its_flags(void **state)
{
    const struct outcome *outcome = RUN(*state, WORD("serve"), WORD("--help"));

    assert_int_equal(outcome->code, 0);
    assert_non_null(strstr(outcome->out, "--listen-tls  ([\"*:8080\"])"));
}

#define SCRATCH_TEST(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, scratch_open, scratch_close)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(help_names_every_verb),
        SCRATCH_TEST(without_a_word_the_help_is_a_complaint),
        SCRATCH_TEST(a_mistyped_verb_leads_to_the_right_one),
        SCRATCH_TEST(the_version_is_told),
        SCRATCH_TEST(a_mistake_in_the_file_is_told_with_file_and_line),
        SCRATCH_TEST(a_good_file_passes_the_check),
        SCRATCH_TEST(a_variable_that_is_no_option_is_warned_of),
        SCRATCH_TEST(show_tells_values_and_origins),
        SCRATCH_TEST(a_wrong_flag_is_wrong_usage),
        SCRATCH_TEST(serve_explains_its_flags),
    };

    if (argc < 2)
        return 2;
    program = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
