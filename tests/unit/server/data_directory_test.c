#include "server/data_directory.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void it_is_made_for_its_owner_alone(void **state)
{
    struct data_directory *data = NULL;
    char path[SCRATCH_PATH_CAP];
    struct stat found;

    scratch_path(*state, "data", path);
    assert_int_equal(data_directory_open(path, NULL, &data), ERR_NONE);
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0700);
    data_directory_close(data);

    assert_int_equal(data_directory_open(path, NULL, &data), ERR_NONE);
    data_directory_close(data);
}

static void two_never_share_it(void **state)
{
    struct data_directory *first = NULL;
    struct data_directory *second = NULL;
    struct problem problem;
    char path[SCRATCH_PATH_CAP];
    char process[32];

    scratch_path(*state, "data", path);
    assert_int_equal(data_directory_open(path, NULL, &first), ERR_NONE);
    assert_int_equal(data_directory_open(path, &problem, &second), ERR_BUSY);
    snprintf(process, sizeof process, "process %ld", (long)getpid());
    assert_non_null(strstr(problem.text, process));
    assert_null(second);

    data_directory_close(first);
    assert_int_equal(data_directory_open(path, NULL, &second), ERR_NONE);
    data_directory_close(second);
}

static void what_is_in_its_way_is_told(void **state)
{
    struct data_directory *data = NULL;
    struct problem problem;
    char path[SCRATCH_PATH_CAP];

    scratch_path(*state, "a/b", path);
    assert_int_equal(data_directory_open(path, &problem, &data), ERR_IO);
    assert_non_null(strstr(problem.text, "its parent must exist"));

    scratch_path(*state, "plain", path);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fclose(file);
    assert_int_equal(data_directory_open(path, &problem, &data), ERR_IO);
    assert_non_null(strstr(problem.text, "is no directory"));
}

#define SCRATCH_TEST(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, scratch_open, scratch_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(it_is_made_for_its_owner_alone),
        SCRATCH_TEST(two_never_share_it),
        SCRATCH_TEST(what_is_in_its_way_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
