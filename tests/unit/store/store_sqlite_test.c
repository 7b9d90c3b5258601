/* The file: who may use it, what it keeps, and what happens when it can't be used. */
#include "store/sqlite_conn.h"
#include "store/store_device.h"
#include "store/store_migrate.h"

#include "store_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    NOBODY = 65534,
    SMALL_DISK = 1024 * 1024,
};

static int setup_closed(void **state)
{
    *state = store_fixture_new();
    return 0;
}

static void refuse(struct store_fixture *fx, enum err err, const char *advice)
{
    struct problem problem = {0};
    struct store *store = NULL;

    assert_int_equal(store_open(&fx->config, &problem, &store), err);
    assert_null(store);
    assert_int_equal(problem.err, err);
    if (strstr(problem.text, advice) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", problem.text, advice);
}

static void run_sql(struct store_fixture *fx, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(fx->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void what_was_answered_is_there_after_reopening(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer answer;

    store_fixture_open(fx);
    assert_int_equal(store_fixture_create_device(fx, "device", ""), ERR_NONE);
    assert_int_equal(store_fixture_set_params(fx, "device", "{\"switch\":\"on\"}"), ERR_NONE);
    store_fixture_close(fx);
    store_fixture_open(fx);
    assert_int_equal(store_fixture_find_device(fx, "device", &answer), ERR_NONE);
    assert_string_equal(answer.device.params, "{\"switch\":\"on\"}");
}

static void the_file_is_for_its_owner_alone(void **state)
{
    struct store_fixture *fx = *state;
    const char *const names[] = {"", "-wal", "-shm", ".lock"};
    mode_t before = umask(0);

    store_fixture_open(fx);
    umask(before);
    assert_int_equal(store_fixture_create_app(fx, "app"), ERR_NONE);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[128];
        struct stat status;

        snprintf(path, sizeof path, "%s%s", fx->path, names[i]);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
}

static void the_file_is_in_wal_mode_with_the_newest_schema(void **state)
{
    struct store_fixture *fx = *state;
    struct sqlite_conn conn = {0};
    char mode[16] = "";
    sqlite3_stmt *stmt;

    store_fixture_open(fx);
    store_fixture_close(fx);
    assert_int_equal(sqlite_conn_open(&conn, fx->path, SQLITE_OPEN_READONLY, "", NULL), ERR_NONE);
    assert_int_equal(sqlite3_prepare_v2(conn.db, "PRAGMA journal_mode", -1, &stmt, NULL), 0);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_true(sqlite_conn_text(stmt, 0, mode, sizeof mode));
    sqlite3_finalize(stmt);
    assert_string_equal(mode, "wal");
    assert_int_equal(sqlite3_prepare_v2(conn.db, "PRAGMA user_version", -1, &stmt, NULL), 0);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(stmt, 0), store_migrate_newest());
    sqlite3_finalize(stmt);
    sqlite_conn_close(&conn);
}

static void a_second_server_on_the_file_is_refused(void **state)
{
    struct store_fixture *fx = *state;

    store_fixture_open(fx);
    refuse(fx, ERR_BUSY, "another server uses ");
    store_fixture_close(fx);
    store_fixture_open(fx);
}

static void a_second_server_is_refused_by_another_name_too(void **state)
{
    struct store_fixture *fx = *state;
    char other[128];

    store_fixture_open(fx);
    snprintf(other, sizeof other, "%s/other.db", fx->dir);
    assert_int_equal(symlink(fx->path, other), 0);
    fx->config.path = other;
    refuse(fx, ERR_BUSY, "another server uses ");
}

static void a_file_locked_by_another_program_is_refused(void **state)
{
    struct store_fixture *fx = *state;
    sqlite3 *db;

    assert_int_equal(sqlite3_open(fx->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    refuse(fx, ERR_BUSY, "another program has it locked");
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void a_newer_schema_is_refused_and_left_alone(void **state)
{
    struct store_fixture *fx = *state;
    char sql[64];

    store_fixture_open(fx);
    store_fixture_close(fx);
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", store_migrate_newest() + 1);
    run_sql(fx, sql);
    refuse(fx, ERR_INVALID, "use the newer program");
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", store_migrate_newest());
    run_sql(fx, sql);
    store_fixture_open(fx);
}

static void the_database_of_another_program_is_refused_and_left_alone(void **state)
{
    struct store_fixture *fx = *state;
    struct stat before;
    struct stat after;

    run_sql(fx, "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
    assert_int_equal(stat(fx->path, &before), 0);
    refuse(fx, ERR_INVALID, "another program");
    assert_int_equal(stat(fx->path, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof before.st_mtim);
}

static void a_file_that_is_no_database_is_refused(void **state)
{
    struct store_fixture *fx = *state;

    write_file(fx->path,
               "deviceid,key\n1000abcdef,a rather long line that is no database at all\n");
    refuse(fx, ERR_INVALID, "not a database");
}

static void a_damaged_database_is_refused(void **state)
{
    struct store_fixture *fx = *state;
    char noise[2048];
    int fd;

    store_fixture_open(fx);
    store_fixture_close(fx);
    memset(noise, 0x5a, sizeof noise);
    fd = open(fx->path, O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, noise, sizeof noise, 100), sizeof noise);
    close(fd);
    refuse(fx, ERR_INVALID, "damaged");
}

static void a_path_that_can_not_be_a_file_is_refused(void **state)
{
    struct store_fixture *fx = *state;
    char path[128];

    snprintf(path, sizeof path, "%s/none/switchyard.db", fx->dir);
    fx->config.path = path;
    refuse(fx, ERR_IO, "directory does not exist");
    fx->config.path = "/";
    refuse(fx, ERR_INVALID, "is a directory");
}

/* Root may write anywhere, so there the test becomes nobody for a while. */
static void a_file_that_may_not_be_written_is_refused(void **state)
{
    struct store_fixture *fx = *state;

    store_fixture_open(fx);
    store_fixture_close(fx);
    assert_int_equal(chmod(fx->path, 0444), 0);
    assert_int_equal(chmod(fx->dir, 0555), 0);
    if (geteuid() == 0)
        assert_int_equal(seteuid(NOBODY), 0);
    refuse(fx, ERR_IO, "no permission");
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(fx->dir, 0755), 0);
}

static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Updates until one fails; returns how many did not. Update n is all of one letter, for SQLite
 * writes only pages that differ. */
static int update_until_refused(struct store_fixture *fx, char *large)
{
    enum err err = ERR_NONE;
    int count = 0;

    while (count < 1000 && err == ERR_NONE) {
        memset(large, 'a' + count % 26, STORE_PARAMS_MAX);
        err = store_fixture_set_params(fx, "large", large);
        count += err == ERR_NONE;
    }
    memset(large, 'a' + (count - 1) % 26, STORE_PARAMS_MAX);
    return count;
}

static void a_disk_that_takes_no_more_fails_changes_until_it_does(void **state)
{
    struct store_fixture *fx = *state;
    static char large[STORE_PARAMS_MAX + 1];
    struct store_answer answer;
    struct rlimit before;
    int count;

    store_fixture_open(fx);
    assert_int_equal(store_fixture_create_device(fx, "large", ""), ERR_NONE);
    assert_int_equal(store_fixture_set_params(fx, "large", "{\"kept\":1}"), ERR_NONE);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    limit_file_size(SMALL_DISK);
    count = update_until_refused(fx, large);
    assert_in_range(count, 1, 999);
    assert_false(store_is_healthy(fx->store));
    assert_true(metric_total(&fx->metrics, 1, METRIC_STORE_FAILED) > 0);
    assert_int_equal(store_fixture_find_device(fx, "large", &answer), ERR_NONE);
    assert_string_equal(answer.device.params, large);
    limit_file_size(before.rlim_cur);
    assert_int_equal(store_fixture_set_params(fx, "large", "{\"after\":1}"), ERR_NONE);
    assert_true(store_is_healthy(fx->store));
    store_fixture_close(fx);
    store_fixture_open(fx);
    assert_int_equal(store_fixture_find_device(fx, "large", &answer), ERR_NONE);
    assert_string_equal(answer.device.params, "{\"after\":1}");
}

/* A group whose changes need more than is left: all of it fails, nothing of it is kept. */
static void a_group_that_does_not_fit_is_gone_as_a_whole(void **state)
{
    enum { CHANGES = 32 };
    struct store_fixture *fx = *state;
    static struct store_answer answers[CHANGES];
    static char large[STORE_PARAMS_MAX + 1];
    struct store_answer answer;
    struct rlimit before;

    memset(large, 'x', STORE_PARAMS_MAX);
    fx->config.commit_ms = 3600 * 1000; /* one group, committed by the end of the store */
    store_fixture_open(fx);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < CHANGES; i++) {
        struct device_record device = {.key = "k", .params = large};

        snprintf(device.id, sizeof device.id, "d%zu", i);
        assert_int_equal(store_device_create(fx->store, fx->mailbox, &device, 1,
                                             store_fixture_on_done, &answers[i]),
                         ERR_NONE);
    }
    limit_file_size(SMALL_DISK);
    store_fixture_close(fx);
    limit_file_size(before.rlim_cur);
    for (size_t i = 0; i < CHANGES; i++)
        assert_int_equal(store_fixture_wait(fx, &answers[i]), ERR_IO);
    store_fixture_open(fx);
    assert_int_equal(store_fixture_find_device(fx, "d0", &answer), ERR_NOT_FOUND);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup_closed, store_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_was_answered_is_there_after_reopening),
        CASE(the_file_is_for_its_owner_alone),
        CASE(the_file_is_in_wal_mode_with_the_newest_schema),
        CASE(a_second_server_on_the_file_is_refused),
        CASE(a_second_server_is_refused_by_another_name_too),
        CASE(a_file_locked_by_another_program_is_refused),
        CASE(a_newer_schema_is_refused_and_left_alone),
        CASE(the_database_of_another_program_is_refused_and_left_alone),
        CASE(a_file_that_is_no_database_is_refused),
        CASE(a_damaged_database_is_refused),
        CASE(a_path_that_can_not_be_a_file_is_refused),
        CASE(a_file_that_may_not_be_written_is_refused),
        CASE(a_disk_that_takes_no_more_fails_changes_until_it_does),
        CASE(a_group_that_does_not_fit_is_gone_as_a_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
