#include "ctl/ctl_secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { CAP = 32 };

/* What ctl_secret_ask() makes of this on a pipe. */
static enum err ask_pipe(const char *input, char out[CAP])
{
    int fds[2];
    enum err err;

    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], input, strlen(input)), strlen(input));
    close(fds[1]);
    err = ctl_secret_ask(fds[0], out, CAP);
    close(fds[0]);
    return err;
}

static void without_a_terminal_one_line_is_read(void **state)
{
    char out[CAP];

    (void)state;
    assert_int_equal(ask_pipe("correct horse\nmore\n", out), ERR_NONE);
    assert_string_equal(out, "correct horse");
    assert_int_equal(ask_pipe("no line end", out), ERR_NONE);
    assert_string_equal(out, "no line end");
    assert_int_equal(ask_pipe("with cr\r\n", out), ERR_NONE);
    assert_string_equal(out, "with cr");
}

static void nothing_and_too_much_are_told_apart(void **state)
{
    char out[CAP];

    (void)state;
    assert_int_equal(ask_pipe("", out), ERR_CLOSED);
    assert_int_equal(ask_pipe("0123456789012345678901234567890\n", out), ERR_NONE);
    assert_int_equal(ask_pipe("01234567890123456789012345678901\n", out), ERR_TOO_LARGE);
}

/* On a terminal whose person types these keys; what the terminal showed is in `screen`. */
struct person {
    int master;
    int slave;
    char screen[256];
};

static void sit_down(struct person *person)
{
    person->master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(person->master >= 0);
    assert_int_equal(grantpt(person->master), 0);
    assert_int_equal(unlockpt(person->master), 0);
    person->slave = open(ptsname(person->master), O_RDWR | O_NOCTTY);
    assert_true(person->slave >= 0);
}

/* Typed by another process, one prompt's keys after the other: switching the echo off drops what
 * was typed ahead. */
static enum err type(struct person *person, const char *keys, char out[CAP])
{
    struct termios before;
    struct termios after;
    enum err err;
    pid_t child;
    ssize_t got;

    sit_down(person);
    assert_int_equal(tcgetattr(person->slave, &before), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct termios now = before;

        while (now.c_lflag & ECHO)
            tcgetattr(person->slave, &now);
        _exit(write(person->master, keys, strlen(keys)) < 0);
    }
    err = ctl_secret_ask(person->slave, out, CAP);
    assert_int_equal(tcgetattr(person->slave, &after), 0);
    assert_int_equal(before.c_lflag, after.c_lflag);
    fcntl(person->master, F_SETFL, O_NONBLOCK);
    got = read(person->master, person->screen, sizeof person->screen - 1);
    person->screen[got > 0 ? got : 0] = '\0';
    close(person->master);
    close(person->slave);
    return err;
}

static void on_a_terminal_it_is_asked_twice_without_echo(void **state)
{
    struct person person;
    char out[CAP];

    (void)state;
    assert_int_equal(type(&person, "secret12\nsecret12\n", out), ERR_NONE);
    assert_string_equal(out, "secret12");
    assert_null(strstr(person.screen, "secret"));
}

static void two_that_differ_are_refused(void **state)
{
    struct person person;
    char out[CAP];

    (void)state;
    assert_int_equal(type(&person, "secret12\nsecret13\n", out), ERR_INVALID);
}

static void mistyped_keys_can_be_taken_back(void **state)
{
    struct person person;
    char out[CAP];

    (void)state;
    assert_int_equal(type(&person, "wrong\x15secreX\x7ft\nsecret\n", out), ERR_NONE);
    assert_string_equal(out, "secret");
    assert_int_equal(type(&person, "\x7f\x7fsecret\nsecret\n", out), ERR_NONE);
    assert_string_equal(out, "secret");
}

static void a_cancel_restores_the_echo(void **state)
{
    struct person person;
    char out[CAP];

    (void)state;
    assert_int_equal(type(&person, "sec\x03", out), ERR_CLOSED);
    assert_int_equal(type(&person, "\x04", out), ERR_CLOSED);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_terminal_one_line_is_read),
        cmocka_unit_test(nothing_and_too_much_are_told_apart),
        cmocka_unit_test(on_a_terminal_it_is_asked_twice_without_echo),
        cmocka_unit_test(two_that_differ_are_refused),
        cmocka_unit_test(mistyped_keys_can_be_taken_back),
        cmocka_unit_test(a_cancel_restores_the_echo),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
