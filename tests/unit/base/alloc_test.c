#include "base/alloc.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void new_memory_is_zeros(void **unused)
{
    const char zeros[100] = {0};
    char *memory = alloc_zero(sizeof zeros);

    (void)unused;
    assert_memory_equal(memory, zeros, sizeof zeros);
    free(memory);
}

static void resizing_keeps_what_was_there(void **unused)
{
    int *numbers = alloc_resize(NULL, 2, sizeof *numbers);

    (void)unused;
    numbers[0] = 1;
    numbers[1] = 2;
    numbers = alloc_resize(numbers, 1000, sizeof *numbers);
    assert_int_equal(numbers[0], 1);
    assert_int_equal(numbers[1], 2);
    free(numbers);
}

static void a_text_is_copied_with_a_nul(void **unused)
{
    char *text = alloc_text("abcdef", 3);
    char *empty = alloc_text(NULL, 0);

    (void)unused;
    assert_string_equal(text, "abc");
    assert_string_equal(empty, "");
    free(text);
    free(empty);
}

/* In a process of its own, since the promise is that it ends. */
static void a_size_that_wraps_aborts(void **unused)
{
    const pid_t child = fork();
    int status;

    (void)unused;
    assert_true(child >= 0);
    if (child == 0) {
        volatile size_t count = SIZE_MAX / 2;

        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        free(alloc_resize(NULL, count, 3));
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_memory_is_zeros),
        cmocka_unit_test(resizing_keeps_what_was_there),
        cmocka_unit_test(a_text_is_copied_with_a_nul),
        cmocka_unit_test(a_size_that_wraps_aborts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
