#include "server/file.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>

static void what_was_put_is_read(void **state)
{
    char path[SCRATCH_PATH_CAP];
    struct buf text = BUF_EMPTY;
    struct stat found;

    scratch_path(*state, "file", path);
    assert_int_equal(file_replace(path, STR("one"), NULL), ERR_NONE);
    assert_int_equal(file_replace(path, STR("two"), NULL), ERR_NONE);
    assert_int_equal(file_read(path, 3, &text, NULL), ERR_NONE);
    assert_true(str_eq(buf_str(&text), STR("two")));
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    buf_free(&text);
}

static void a_file_that_is_too_large_is_refused(void **state)
{
    char path[SCRATCH_PATH_CAP];
    struct buf text = BUF_EMPTY;
    struct problem problem;

    scratch_path(*state, "file", path);
    assert_int_equal(file_replace(path, STR("four"), NULL), ERR_NONE);
    assert_int_equal(file_read(path, 3, &text, &problem), ERR_TOO_LARGE);
    assert_non_null(strstr(problem.text, "larger than 3 bytes"));
    assert_int_equal(text.len, 0);
    buf_free(&text);
}

static void failures_name_the_file_and_the_reason(void **state)
{
    char path[SCRATCH_PATH_CAP];
    struct buf text = BUF_EMPTY;
    struct problem problem;

    scratch_path(*state, "missing/file", path);
    assert_int_equal(file_read(path, 3, &text, &problem), ERR_IO);
    assert_non_null(strstr(problem.text, path));
    assert_non_null(strstr(problem.text, "No such file"));
    assert_int_equal(file_replace(path, STR("x"), &problem), ERR_IO);
    assert_non_null(strstr(problem.text, "No such file"));

    scratch_path(*state, "", path);
    assert_int_equal(file_read(path, 4096, &text, &problem), ERR_IO);
    buf_free(&text);
}

#define SCRATCH_TEST(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, scratch_open, scratch_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(what_was_put_is_read),
        SCRATCH_TEST(a_file_that_is_too_large_is_refused),
        SCRATCH_TEST(failures_name_the_file_and_the_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
