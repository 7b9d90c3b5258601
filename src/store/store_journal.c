#include "store/store_journal.h"

#include "base/alloc.h"
#include "store/store_change.h"

#include <assert.h>
#include <stdlib.h>

enum {
    /* A slice folds this much and twice what its group brings, so that folding always ends. */
    SLICE_DEVICES = 256,
    SLICE_BYTES = 1024 * 1024,
};

enum statement {
    DEVICE_KNOW,
    DEVICE_PARAMS,
    DEVICE_ANY,
    CHANGE_ADD,
    CHANGE_LIST,
    CHANGE_DROP,
    STATEMENTS
};

static const char *const texts[STATEMENTS] = {
    [DEVICE_KNOW] =
        "SELECT device.number, coalesce(user.apikey, '') FROM device "
        "LEFT JOIN user ON user.number = device.owner WHERE device.id = ?1",
    [DEVICE_PARAMS] = "UPDATE device SET params = ?2 WHERE number = ?1",
    [DEVICE_ANY] =
        "UPDATE device SET params = coalesce(?2, params), model = coalesce(?3, model), "
        "online_ms = coalesce(?4, online_ms), offline_ms = coalesce(?5, offline_ms) "
        "WHERE number = ?1",
    [CHANGE_ADD] = "INSERT INTO device_change (number, changes) VALUES (?1, ?2)",
    [CHANGE_LIST] = "SELECT number, changes FROM device_change ORDER BY number",
    [CHANGE_DROP] = "DELETE FROM device_change WHERE number <= ?1",
};

struct store_journal {
    struct sqlite_conn *conn;
    struct store_overlay *overlay;
    size_t max_bytes;
    int64_t row;        /* the last one written by this process, which began with none */
    int64_t sealed_row; /* the last one that the sealed generation holds */

    /* Of the group that is being made. */
    struct buf bytes;
    struct store_overlay_device **devices; /* one for each change in bytes */
    size_t count;
    size_t cap;
    bool with_rows;
    size_t place; /* in the sealed generation, before the slice */
    bool is_last_slice;
};

static sqlite3_stmt *use(struct store_journal *journal, enum statement number)
{
    return sqlite_conn_use(journal->conn, SQLITE_JOURNAL, number, texts[number]);
}

static void bind_str_if_any(sqlite3_stmt *stmt, int at, struct str text)
{
    if (text.ptr == NULL)
        sqlite_conn_bind_null(stmt, at);
    else
        sqlite_conn_bind_str(stmt, at, text);
}

static void bind_time_if_any(sqlite3_stmt *stmt, int at, int64_t time_ms)
{
    if (time_ms == 0)
        sqlite_conn_bind_null(stmt, at);
    else
        sqlite_conn_bind_int(stmt, at, time_ms);
}

/* Into its row; if that is not there any more, somebody has deleted it by hand. */
static enum err fold(struct store_journal *journal, int64_t number,
                     const struct store_device_change *change)
{
    bool is_plain = change->model.len == 0 && change->online_ms == 0 && change->offline_ms == 0;
    sqlite3_stmt *stmt = use(journal, is_plain ? DEVICE_PARAMS : DEVICE_ANY);

    sqlite_conn_bind_int(stmt, 1, number);
    bind_str_if_any(stmt, 2, change->params);
    if (!is_plain) {
        bind_str_if_any(stmt, 3, change->model);
        bind_time_if_any(stmt, 4, change->online_ms);
        bind_time_if_any(stmt, 5, change->offline_ms);
    }
    return sqlite_conn_run(journal->conn, stmt);
}

static enum err drop_until(struct store_journal *journal, int64_t row)
{
    sqlite3_stmt *stmt = use(journal, CHANGE_DROP);

    sqlite_conn_bind_int(stmt, 1, row);
    return sqlite_conn_run(journal->conn, stmt);
}

static enum err replay_row(struct store_journal *journal, struct str bytes)
{
    struct store_device_change change;
    int64_t number;
    enum err err = store_change_open(&bytes);

    while (err == ERR_NONE && (err = store_change_next(&bytes, &number, &change)) == ERR_NONE)
        err = fold(journal, number, &change);
    return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* Each row in its turn; *row is the one that was read last. */
static enum err replay_rows(struct store_journal *journal, int64_t *row)
{
    sqlite3_stmt *list = use(journal, CHANGE_LIST);
    enum err err;

    while ((err = sqlite_conn_step(journal->conn, list)) == ERR_NONE) {
        const void *bytes = sqlite3_column_blob(list, 1);
        size_t len = (size_t)sqlite3_column_bytes(list, 1);

        *row = sqlite3_column_int64(list, 0);
        if ((err = replay_row(journal, (struct str){bytes, len})))
            break;
    }
    sqlite3_reset(list);
    return err == ERR_NOT_FOUND ? drop_until(journal, *row) : err;
}

static enum err replay(struct store_journal *journal, struct problem *problem)
{
    sqlite3 *db = journal->conn->db;
    const char *path = sqlite3_db_filename(db, "main");
    int64_t row = 0;
    enum err err;
    int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

    if (code != SQLITE_OK)
        return sqlite_conn_problem(code, path, problem);
    err = replay_rows(journal, &row);
    if (err == ERR_NONE && sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
        return ERR_NONE;
    code = sqlite3_errcode(db);
    sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    if (err != ERR_INVALID)
        return sqlite_conn_problem(code, path, problem);
    return problem_set(problem, ERR_INVALID, 0,
                       "%.120s: row %lld of device_change is damaged: restore a copy, or delete "
                       "that row, and with it the last changes of some devices",
                       path, (long long)row);
}

enum err store_journal_open(struct sqlite_conn *conn, size_t max_bytes, struct problem *problem,
                            struct store_journal **out)
{
    struct store_journal *journal = alloc_zero(sizeof *journal);
    enum err err;

    journal->conn = conn;
    journal->overlay = store_overlay_new();
    journal->max_bytes = max_bytes;
    err = replay(journal, problem);
    if (err == ERR_NONE)
        *out = journal;
    else
        store_journal_close(journal);
    return err;
}

void store_journal_close(struct store_journal *journal)
{
    if (journal == NULL)
        return;
    store_overlay_free(journal->overlay);
    buf_free(&journal->bytes);
    free(journal->devices);
    free(journal);
}

/* Reads the number and owner of the device, as they are in this transaction. */
static enum err read_device(struct store_journal *journal, struct str id,
                            struct store_overlay_device **device)
{
    sqlite3_stmt *stmt = use(journal, DEVICE_KNOW);
    enum err err;

    sqlite_conn_bind_str(stmt, 1, id);
    if ((err = sqlite_conn_step(journal->conn, stmt)))
        return err;
    if (*device == NULL)
        *device = store_overlay_add(journal->overlay, id);
    (*device)->number = sqlite3_column_int64(stmt, 0);
    (*device)->is_known = sqlite_conn_text(stmt, 1, (*device)->owner, sizeof(*device)->owner);
    sqlite3_reset(stmt);
    return (*device)->is_known ? ERR_NONE : ERR_IO;
}

static void add_device(struct store_journal *journal, struct store_overlay_device *device)
{
    if (journal->count == journal->cap) {
        journal->cap = journal->cap == 0 ? 64 : 2 * journal->cap;
        journal->devices = alloc_resize(journal->devices, journal->cap, sizeof(void *));
    }
    journal->devices[journal->count++] = device;
}

enum err store_journal_update(struct store_journal *journal,
                              const struct store_device_change *change)
{
    struct store_overlay_device *device = store_overlay_find(journal->overlay, change->id);
    enum err err = ERR_NONE;

    if (device == NULL || !device->is_known)
        err = read_device(journal, change->id, &device);
    if (err != ERR_NONE)
        return err;
    if (change->owner.len > 0 && !str_eq(change->owner, str_of(device->owner)))
        return ERR_NOT_FOUND;
    if (store_change_is_empty(change))
        return ERR_NONE;
    if (journal->count == 0)
        store_change_start(&journal->bytes);
    store_change_append(&journal->bytes, device->number, change);
    add_device(journal, device);
    return ERR_NONE;
}

void store_journal_note_row(struct store_journal *journal, struct str id)
{
    journal->with_rows = true;
    store_overlay_doubt(journal->overlay, id);
}

static enum err write_group(struct store_journal *journal)
{
    sqlite3_stmt *stmt = use(journal, CHANGE_ADD);

    if (journal->count == 0)
        return ERR_NONE;
    sqlite_conn_bind_int(stmt, 1, journal->row + 1);
    sqlite_conn_bind_blob(stmt, 2, journal->bytes.ptr, journal->bytes.len);
    return sqlite_conn_run(journal->conn, stmt);
}

static enum err fold_slice(struct store_journal *journal)
{
    size_t devices = SLICE_DEVICES + 2 * journal->count;
    size_t bytes = SLICE_BYTES + 2 * journal->bytes.len;
    enum err err = ERR_NONE;

    while (devices > 0 && bytes > 0 && err == ERR_NONE) {
        const struct store_overlay_device *device = store_overlay_next(journal->overlay);

        if (device == NULL) {
            journal->is_last_slice = true;
            return drop_until(journal, journal->sealed_row);
        }
        err = fold(journal, device->number, &device->change);
        devices--;
        bytes -= device->change.params.len < bytes ? device->change.params.len : bytes;
    }
    return err;
}

/* A transaction that SQLite has rolled back by itself would let each statement commit alone. */
enum err store_journal_write(struct store_journal *journal)
{
    enum err err;

    journal->place = store_overlay_place(journal->overlay);
    if (sqlite3_get_autocommit(journal->conn->db) != 0)
        return ERR_IO;
    if ((err = write_group(journal)))
        return err;
    return store_overlay_is_sealed(journal->overlay) ? fold_slice(journal) : ERR_NONE;
}

static void seal(struct store_journal *journal)
{
    store_overlay_seal(journal->overlay);
    journal->sealed_row = journal->row;
}

static void publish(struct store_journal *journal)
{
    size_t len = journal->bytes.len;

    if (journal->is_last_slice)
        store_overlay_unseal(journal->overlay);
    if (journal->count > 0)
        journal->row++;
    if (journal->count > 0 || journal->with_rows)
        store_overlay_publish(journal->overlay, &journal->bytes, journal->devices,
                              journal->with_rows);
    if (len > 0)
        buf_reserve(&journal->bytes, len); /* the next group is likely to be of this size */
}

void store_journal_end(struct store_journal *journal, bool is_committed)
{
    if (is_committed) {
        publish(journal);
    } else {
        store_overlay_go_back(journal->overlay, journal->place);
        store_overlay_doubt_all(journal->overlay);
    }
    buf_clear(&journal->bytes);
    journal->count = 0;
    journal->with_rows = false;
    journal->is_last_slice = false;
    if (!store_overlay_is_sealed(journal->overlay) &&
        store_overlay_bytes(journal->overlay) >= journal->max_bytes)
        seal(journal);
}

bool store_journal_rest(struct store_journal *journal)
{
    if (store_overlay_is_sealed(journal->overlay))
        return true;
    if (store_overlay_has_changes(journal->overlay)) {
        seal(journal);
        return true;
    }
    store_overlay_rest(journal->overlay);
    return false;
}

struct store_overlay *store_journal_overlay(struct store_journal *journal)
{
    return journal->overlay;
}
