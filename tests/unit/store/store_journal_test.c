/* The journal of device changes: what is in it is seen, survives, and gets into the rows. Over the
 * backend itself, one call after the other. */
#include "store/sqlite_conn.h"
#include "store/store_device.h"
#include "store/store_migrate.h"

#include "store_direct.h"
#include "store_fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define UUID_A "aaaaaaaa-0000-4000-8000-000000000000"
#define UUID_B "bbbbbbbb-0000-4000-8000-000000000000"

enum {
    NEVER = 1024 * 1024 * 1024, /* bytes of a journal: no test comes near */
};

static int setup_closed(void **state)
{
    *state = store_fixture_new();
    return 0;
}

/* The one number that a query on the file answers with, read beside the store. */
static int64_t number_of(const char *path, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *stmt;
    int64_t number;

    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    number = sqlite3_column_int64(stmt, 0);
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return number;
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

#define JOURNAL_ROWS "SELECT count(*) FROM device_change"
#define ROWS_WITH(n) "SELECT count(*) FROM device WHERE params = '{\"n\":" #n "}'"

static void name_device(unsigned device, char id[static 16])
{
    snprintf(id, 16, "d%u", device);
}

static void rest_until_done(struct store_direct *direct)
{
    while (store_direct_rest(direct))
        continue;
}

static void a_change_is_seen_before_and_after_it_is_in_its_row(void **state)
{
    struct store_fixture *fx = *state;
    struct store_direct direct;

    store_direct_open(&direct, fx->path, NEVER);
    store_direct_create_devices(&direct, 1);
    store_direct_number(&direct, "d0", 1);
    store_direct_number(&direct, "d0", 2);
    assert_int_equal(number_of(fx->path, JOURNAL_ROWS), 2);
    assert_int_equal(number_of(fx->path, ROWS_WITH(2)), 0);
    assert_int_equal(store_direct_find_number(&direct, "d0"), 2);
    rest_until_done(&direct);
    assert_int_equal(number_of(fx->path, JOURNAL_ROWS), 0);
    assert_int_equal(number_of(fx->path, ROWS_WITH(2)), 1);
    assert_int_equal(store_direct_find_number(&direct, "d0"), 2);
    store_direct_number(&direct, "d0", 3);
    assert_int_equal(store_direct_find_number(&direct, "d0"), 3);
    store_direct_close(&direct);
}

static void the_rows_have_all_once_the_store_is_closed(void **state)
{
    struct store_fixture *fx = *state;
    struct store_direct direct;

    store_direct_open(&direct, fx->path, NEVER);
    store_direct_create_devices(&direct, 1);
    store_direct_number(&direct, "d0", 7);
    store_direct_close(&direct);
    assert_int_equal(number_of(fx->path, JOURNAL_ROWS), 0);
    assert_int_equal(number_of(fx->path, ROWS_WITH(7)), 1);
}

static void a_store_at_rest_folds_by_itself(void **state)
{
    struct store_fixture *fx = *state;

    store_fixture_open(fx);
    assert_int_equal(store_fixture_create_device(fx, "d0", ""), ERR_NONE);
    assert_int_equal(store_fixture_set_params(fx, "d0", "{\"n\":1}"), ERR_NONE);
    while (number_of(fx->path, JOURNAL_ROWS) > 0)
        usleep(20 * 1000);
    assert_int_equal(number_of(fx->path, ROWS_WITH(1)), 1);
}

/* The journal holds what has not been folded, which is bounded, however much passes. */
static void the_journal_stays_within_its_bound(void **state)
{
    enum { DEVICES = 2000, BOUND = 512 * 1024, CHANGES = 20000, GROUP = 64 };
    struct store_fixture *fx = *state;
    struct store_direct direct;
    int64_t most = 0;

    store_direct_open(&direct, fx->path, BOUND);
    store_direct_create_devices(&direct, DEVICES);
    for (unsigned n = 0; n < CHANGES; n += GROUP) {
        int64_t bytes;

        store_direct_begin(&direct);
        for (unsigned i = n; i < n + GROUP; i++) {
            struct store_device_change change = {.params =
                                                     STR("{\"some\":\"params of a device\"}")};
            char id[16];

            name_device(i * 7919 % DEVICES, id);
            change.id = str_of(id);
            assert_int_equal(store_direct_update(&direct, &change), ERR_NONE);
        }
        store_direct_commit(&direct);
        bytes = number_of(fx->path, "SELECT coalesce(sum(length(changes)), 0) FROM device_change");
        most = bytes > most ? bytes : most;
    }
    assert_in_range(most, 1, 2 * BOUND);
    store_direct_close(&direct);
}

static enum err update_as(struct store_direct *direct, const char *id, const char *owner)
{
    struct store_device_change change = {
        .id = str_of(id), .owner = str_of(owner), .params = STR("{\"n\":5}")};

    return store_direct_update(direct, &change);
}

static void only_the_owner_of_the_moment_changes_a_device(void **state)
{
    struct store_fixture *fx = *state;
    struct store_direct direct;

    store_direct_open(&direct, fx->path, NEVER);
    store_direct_begin(&direct);
    assert_int_equal(store_direct_create_user(&direct, UUID_A), ERR_NONE);
    assert_int_equal(store_direct_create_user(&direct, UUID_B), ERR_NONE);
    assert_int_equal(update_as(&direct, "d0", UUID_A), ERR_NOT_FOUND);
    assert_int_equal(store_direct_create_device(&direct, "d0", UUID_A), ERR_NONE);
    assert_int_equal(update_as(&direct, "d0", UUID_A), ERR_NONE);
    assert_int_equal(update_as(&direct, "d0", UUID_B), ERR_NOT_FOUND);
    assert_int_equal(store_direct_assign(&direct, "d0", UUID_B), ERR_NONE);
    assert_int_equal(update_as(&direct, "d0", UUID_A), ERR_NOT_FOUND);
    assert_int_equal(update_as(&direct, "d0", UUID_B), ERR_NONE);
    store_direct_commit(&direct);
    assert_int_equal(store_direct_find_number(&direct, "d0"), 5);
    rest_until_done(&direct);
    store_direct_begin(&direct);
    assert_int_equal(update_as(&direct, "d0", UUID_A), ERR_NOT_FOUND);
    assert_int_equal(update_as(&direct, "d0", UUID_B), ERR_NONE);
    assert_int_equal(store_direct_assign(&direct, "d0", ""), ERR_NONE);
    assert_int_equal(update_as(&direct, "d0", UUID_B), ERR_NOT_FOUND);
    store_direct_commit(&direct);
    store_direct_begin(&direct);
    assert_int_equal(update_as(&direct, "d0", UUID_B), ERR_NOT_FOUND);
    assert_int_equal(update_as(&direct, "d0", ""), ERR_NONE);
    store_direct_commit(&direct);
    store_direct_close(&direct);
}

static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The rows that the group made are gone, and with them what was known of them. */
static void a_group_that_failed_has_left_nothing_behind(void **state)
{
    struct store_fixture *fx = *state;
    struct store_direct direct;
    struct store_request *found;

    store_direct_open(&direct, fx->path, NEVER);
    store_direct_create_devices(&direct, 1);
    store_direct_number(&direct, "d0", 1);
    store_direct_begin(&direct);
    assert_int_equal(store_direct_create_device(&direct, "gone", ""), ERR_NONE);
    assert_int_equal(update_as(&direct, "gone", ""), ERR_NONE);
    assert_int_equal(update_as(&direct, "d0", ""), ERR_NONE);
    limit_file_size(1);
    assert_int_equal(direct.backend->commit(direct.state), ERR_IO);
    limit_file_size(RLIM_INFINITY);
    assert_int_equal(store_direct_find_number(&direct, "d0"), 1);
    found = store_direct_find(&direct, "gone");
    assert_int_equal(found->err, ERR_NOT_FOUND);
    store_request_free(found);
    store_direct_begin(&direct);
    assert_int_equal(update_as(&direct, "gone", ""), ERR_NOT_FOUND);
    assert_int_equal(store_direct_create_device(&direct, "other", ""), ERR_NONE);
    assert_int_equal(update_as(&direct, "gone", ""), ERR_NOT_FOUND);
    store_direct_commit(&direct);
    store_direct_number(&direct, "other", 9);
    store_direct_close(&direct);
    assert_int_equal(number_of(fx->path, ROWS_WITH(9) " AND id = 'other'"), 1);
    assert_int_equal(number_of(fx->path, ROWS_WITH(1) " AND id = 'd0'"), 1);
}

/* What a process leaves that is killed now: the file and its log, as they are. */
static void copy_file(const char *from, const char *to)
{
    char bytes[65536];
    int in = open(from, O_RDONLY);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ssize_t len;

    assert_true(in >= 0 && out >= 0);
    while ((len = read(in, bytes, sizeof bytes)) > 0)
        assert_int_equal(write(out, bytes, (size_t)len), len);
    assert_int_equal(len, 0);
    close(in);
    close(out);
}

static void copy_database(const struct store_fixture *fx, char path[static 128])
{
    char from[128];
    char to[160];

    snprintf(path, 128, "%s/copy.db", fx->dir);
    copy_file(fx->path, path);
    snprintf(from, sizeof from, "%s-wal", fx->path);
    snprintf(to, sizeof to, "%s-wal", path);
    copy_file(from, to);
    snprintf(to, sizeof to, "%s-shm", path);
    unlink(to);
}

enum { MANY = 1500 };

static void check_numbers(const char *path, const unsigned numbers[MANY])
{
    struct store_direct direct;
    char id[16];

    store_direct_open(&direct, path, NEVER);
    assert_int_equal(number_of(path, JOURNAL_ROWS), 0);
    for (unsigned device = 0; device < MANY; device++) {
        name_device(device, id);
        if (numbers[device] > 0)
            assert_int_equal(store_direct_find_number(&direct, id), numbers[device]);
    }
    store_direct_close(&direct);
}

/* A group for some devices; what they have then goes to `numbers`. */
static void change_some(struct store_direct *direct, unsigned from, unsigned numbers[MANY])
{
    enum { GROUP = 100 };
    static unsigned n = 0;

    store_direct_begin(direct);
    for (unsigned i = 0; i < GROUP; i++) {
        struct store_device_change change = {0};
        unsigned device = (from + i * 7) % MANY;
        char params[32];
        char id[16];

        name_device(device, id);
        numbers[device] = ++n;
        snprintf(params, sizeof params, "{\"n\":%u}", n);
        change.id = str_of(id);
        change.params = str_of(params);
        assert_int_equal(store_direct_update(direct, &change), ERR_NONE);
    }
    store_direct_commit(direct);
}

/* Journal alone, each slice of a fold, changes between the slices, after the fold: wherever a crash
 * comes, all that was committed is there. */
static void a_crash_at_any_step_of_a_fold_loses_nothing(void **state)
{
    struct store_fixture *fx = *state;
    struct store_direct direct;
    unsigned numbers[MANY] = {0};
    char copy[128];
    unsigned steps = 0;

    store_direct_open(&direct, fx->path, 128 * 1024);
    store_direct_create_devices(&direct, MANY);
    for (unsigned group = 0; group < 36; group++) {
        change_some(&direct, group * 331, numbers);
        copy_database(fx, copy);
        check_numbers(copy, numbers);
    }
    do {
        copy_database(fx, copy);
        check_numbers(copy, numbers);
        steps++;
    } while (store_direct_rest(&direct));
    assert_in_range(steps, 2, 100);
    store_direct_close(&direct);
    check_numbers(fx->path, numbers);
}

/* Fills a disk now and then; what such a group would have changed is not in `numbers`. */
static void change_in_vain(struct store_direct *direct)
{
    struct store_device_change change = {.id = STR("d1"), .params = STR("{\"n\":0}")};

    store_direct_begin(direct);
    assert_int_equal(store_direct_update(direct, &change), ERR_NONE);
    limit_file_size(1);
    assert_int_equal(direct->backend->commit(direct->state), ERR_IO);
    limit_file_size(RLIM_INFINITY);
}

static void a_slice_that_failed_is_folded_again(void **state)
{
    struct store_fixture *fx = *state;
    struct store_direct direct;
    unsigned numbers[MANY] = {0};

    store_direct_open(&direct, fx->path, 128 * 1024);
    store_direct_create_devices(&direct, MANY);
    for (unsigned group = 0; group < 60; group++) {
        change_some(&direct, group * 331, numbers);
        if (group % 3 > 0)
            change_in_vain(&direct);
    }
    store_direct_close(&direct);
    check_numbers(fx->path, numbers);
}

static void insert_row(const struct store_fixture *fx, const char *hex)
{
    char sql[128];

    snprintf(sql, sizeof sql, "INSERT INTO device_change (changes) VALUES (x'%s')", hex);
    run_sql(fx->path, sql);
}

static void a_damaged_journal_is_refused_and_left_alone(void **state)
{
    static const char *const damaged[] = {"", "02010101", "010108ff", "0101080f7b7d"};
    struct store_fixture *fx = *state;
    struct store_direct direct;

    store_direct_open(&direct, fx->path, NEVER);
    store_direct_create_devices(&direct, 1);
    store_direct_number(&direct, "d0", 1);
    store_direct_close(&direct);
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        struct problem problem = {0};
        struct store *store = NULL;

        insert_row(fx, "010108077b226e223a357d"); /* device 1: {"n":5} */
        insert_row(fx, damaged[i]);
        assert_int_equal(store_open(&fx->config, &problem, &store), ERR_INVALID);
        assert_non_null(strstr(problem.text, "row 2 of device_change is damaged"));
        assert_int_equal(number_of(fx->path, JOURNAL_ROWS), 2);
        assert_int_equal(number_of(fx->path, ROWS_WITH(1)), 1);
        run_sql(fx->path, "DELETE FROM device_change WHERE number = 2");
        store_fixture_open(fx);
        store_fixture_close(fx);
        assert_int_equal(number_of(fx->path, ROWS_WITH(5)), 1);
        run_sql(fx->path, "UPDATE device SET params = '{\"n\":1}'");
    }
}

static void a_device_deleted_by_hand_is_no_damage(void **state)
{
    struct store_fixture *fx = *state;
    struct store_direct direct;

    store_direct_open(&direct, fx->path, NEVER);
    store_direct_create_devices(&direct, 2);
    store_direct_close(&direct);
    run_sql(fx->path, "DELETE FROM device WHERE id = 'd0'");
    insert_row(fx,
               "010108077b226e223a357d"
               "0208077b226e223a367d"); /* 1 and 2: {"n":5}, {"n":6} */
    store_direct_open(&direct, fx->path, NEVER);
    assert_int_equal(store_direct_find_number(&direct, "d1"), 6);
    store_direct_close(&direct);
}

static void a_file_of_the_first_schema_gets_a_journal(void **state)
{
    struct store_fixture *fx = *state;
    struct store_direct direct;
    sqlite3 *db;

    assert_int_equal(sqlite3_open(fx->path, &db), SQLITE_OK);
    assert_int_equal(store_migrate_to(db, fx->path, 1, NULL), ERR_NONE);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    run_sql(fx->path,
            "INSERT INTO device (id, key, name, model, created_ms, online_ms, offline_ms, params) "
            "VALUES ('d0', 'key', '', '', 0, 0, 0, '{\"n\":3}')");
    store_direct_open(&direct, fx->path, NEVER);
    assert_int_equal(store_direct_find_number(&direct, "d0"), 3);
    store_direct_number(&direct, "d0", 4);
    assert_int_equal(store_direct_find_number(&direct, "d0"), 4);
    store_direct_close(&direct);
    assert_int_equal(number_of(fx->path, "PRAGMA user_version"), store_migrate_newest());
}

static void older_files_have_their_addresses_in_lower_case(void **state)
{
    struct store_fixture *fx = *state;
    struct store_direct direct;
    sqlite3 *db;

    assert_int_equal(sqlite3_open(fx->path, &db), SQLITE_OK);
    assert_int_equal(store_migrate_to(db, fx->path, 11, NULL), ERR_NONE);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    run_sql(fx->path,
            "INSERT INTO user (apikey, account, region, password_hash, created_ms) VALUES "
            "('a', 'Ann@X.org', '', '', 0), ('b', 'ANN@x.org', '', '', 0), "
            "('c', 'Ben@x.org', '', '', 0), ('d', '+49X', '', '', 0)");
    store_direct_open(&direct, fx->path, NEVER);
    store_direct_close(&direct);
    assert_int_equal(number_of(fx->path,
                               "SELECT count(*) FROM user WHERE (apikey, account) IN ("
                               "VALUES ('a', 'ann@x.org'), ('b', 'ANN@x.org'), "
                               "('c', 'ben@x.org'), ('d', '+49X'))"),
                     4);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup_closed, store_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_change_is_seen_before_and_after_it_is_in_its_row),
        CASE(the_rows_have_all_once_the_store_is_closed),
        CASE(a_store_at_rest_folds_by_itself),
        CASE(the_journal_stays_within_its_bound),
        CASE(only_the_owner_of_the_moment_changes_a_device),
        CASE(a_group_that_failed_has_left_nothing_behind),
        CASE(a_crash_at_any_step_of_a_fold_loses_nothing),
        CASE(a_slice_that_failed_is_folded_again),
        CASE(a_damaged_journal_is_refused_and_left_alone),
        CASE(a_device_deleted_by_hand_is_no_damage),
        CASE(a_file_of_the_first_schema_gets_a_journal),
        CASE(older_files_have_their_addresses_in_lower_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
