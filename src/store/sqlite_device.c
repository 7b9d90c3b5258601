/*
 * Updates go through the journal, and what they hold is in the overlay before it is in the rows
 * (docs/decisions/0014-group-journal.md): a change of a row tells the journal, a look-up asks the
 * overlay.
 */
#include "base/alloc.h"
#include "store/sqlite_group.h"
#include "store/sqlite_key.h"
#include "store/sqlite_read.h"
#include "store/sqlite_resource.h"
#include "store/store_device_verb.h"
#include "store/store_journal.h"
#include "store/store_overlay.h"

enum statement { FIND, LIST, LIST_OWNED, CREATE, ASSIGN, DISABLE, DELETE, STATEMENTS };

#define COLUMNS                                                                                    \
    "SELECT device.id, device.key, coalesce(user.apikey, ''), device.name, device.model, "         \
    "device.created_ms, device.online_ms, device.offline_ms, device.params, "                      \
    "EXISTS (SELECT 1 FROM share WHERE share.device = device.number), "                            \
    "device.disabled "                                                                             \
    "FROM device LEFT JOIN user ON user.number = device.owner "

static const char *const texts[STATEMENTS] = {
    [FIND] = COLUMNS "WHERE device.id = ?1",
    [LIST] = COLUMNS "WHERE device.id > ?1 ORDER BY device.id",
    [LIST_OWNED] = (COLUMNS "WHERE device.owner = (SELECT number FROM user WHERE apikey = ?2) "
                            "AND device.id > ?1 ORDER BY device.id"),
    [CREATE] = ("INSERT INTO device (id, key, owner, name, model, created_ms, online_ms, "
                "offline_ms, params, number) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1 + "
                "max(coalesce((SELECT max(number) FROM device), 0), "
                "coalesce((SELECT max(number) FROM device_gone), 0)))"),
    [ASSIGN] = "UPDATE device SET owner = ?2 WHERE id = ?1",
    [DISABLE] = "UPDATE device SET disabled = ?2 WHERE id = ?1",
    [DELETE] = "DELETE FROM device WHERE id = ?1",
};

static sqlite3_stmt *use(struct sqlite_conn *conn, enum statement number)
{
    return sqlite_conn_use(conn, STORE_DEVICE, number, texts[number]);
}

/* NULL when the row has none that could have been stored. */
static char *read_params(sqlite3_stmt *stmt)
{
    const unsigned char *text = sqlite3_column_text(stmt, 8);
    size_t len = (size_t)sqlite3_column_bytes(stmt, 8);

    if (text == NULL || len > STORE_PARAMS_MAX)
        return NULL;
    return alloc_text((const char *)text, len);
}

static bool read_device(sqlite3_stmt *stmt, void *item)
{
    struct store_device *device = item;
    struct device_record *out = &device->record;

    device->params = read_params(stmt);
    out->created_ms = sqlite3_column_int64(stmt, 5);
    out->online_ms = sqlite3_column_int64(stmt, 6);
    out->offline_ms = sqlite3_column_int64(stmt, 7);
    out->is_shared = sqlite3_column_int(stmt, 9) != 0;
    out->disabled = sqlite3_column_int(stmt, 10) != 0;
    return device->params != NULL && sqlite_conn_text(stmt, 0, out->id, sizeof out->id) &&
           sqlite_conn_text(stmt, 1, out->key, sizeof out->key) &&
           sqlite_conn_text(stmt, 2, out->owner, sizeof out->owner) &&
           sqlite_conn_text(stmt, 3, out->name, sizeof out->name) &&
           sqlite_conn_text(stmt, 4, out->model, sizeof out->model);
}

static enum err find_row(struct sqlite_conn *conn, struct store_request *request)
{
    struct store_device *device = request->args;
    sqlite3_stmt *stmt = use(conn, FIND);

    sqlite_conn_bind_text(stmt, 1, device->record.id);
    return sqlite_read_one(conn, stmt, read_device, device);
}

/* Read again when the journal was folded meanwhile, which is rare. */
static enum err find(struct sqlite_conn *conn, struct store_request *request)
{
    for (;;) {
        uint64_t epoch = store_overlay_epoch(conn->overlay);
        enum err err = find_row(conn, request);

        if (err != ERR_NONE || store_overlay_apply(conn->overlay, epoch, request->args, 1))
            return err;
        store_request_clear(request);
    }
}

static enum err list_rows(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_device_list *list = request->args;
    sqlite3_stmt *stmt;

    if (list->owner[0] == '\0')
        return sqlite_read_list(conn, use(conn, LIST), read_device, request);
    stmt = use(conn, LIST_OWNED);
    sqlite_conn_bind_text(stmt, 2, list->owner);
    return sqlite_read_list(conn, stmt, read_device, request);
}

static enum err list(struct sqlite_conn *conn, struct store_request *request)
{
    for (;;) {
        uint64_t epoch = store_overlay_epoch(conn->overlay);
        enum err err = list_rows(conn, request);

        if (err != ERR_NONE ||
            store_overlay_apply(conn->overlay, epoch, request->rows.items, request->rows.count))
            return err;
        store_request_clear(request);
    }
}

static enum err create_one(struct sqlite_conn *conn, const struct store_device *device)
{
    const struct device_record *record = &device->record;
    sqlite3_stmt *stmt = use(conn, CREATE);
    enum err err;

    if ((err = sqlite_key_bind_user(conn, stmt, 3, record->owner)))
        return err;
    sqlite_conn_bind_text(stmt, 1, record->id);
    sqlite_conn_bind_text(stmt, 2, record->key);
    sqlite_conn_bind_text(stmt, 4, record->name);
    sqlite_conn_bind_text(stmt, 5, record->model);
    sqlite_conn_bind_int(stmt, 6, record->created_ms);
    sqlite_conn_bind_int(stmt, 7, record->online_ms);
    sqlite_conn_bind_int(stmt, 8, record->offline_ms);
    sqlite_conn_bind_text(stmt, 9, device->params);
    return sqlite_conn_run(conn, stmt);
}

static enum err create_each(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_device *devices = request->rows.items;
    enum err err = ERR_NONE;

    for (size_t i = 0; i < request->rows.count && err == ERR_NONE; i++)
        err = create_one(conn, &devices[i]);
    return err;
}

/* One row is all or none by itself. */
static enum err create(struct sqlite_conn *conn, struct store_request *request)
{
    if (request->rows.count < 2)
        return create_each(conn, request);
    return sqlite_group_whole(conn, create_each, request);
}

static enum err assign(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_device_assignment *assignment = request->args;
    sqlite3_stmt *stmt = use(conn, ASSIGN);
    enum err err;

    if ((err = sqlite_key_bind_user(conn, stmt, 2, assignment->owner)))
        return err;
    sqlite_conn_bind_text(stmt, 1, assignment->id);
    err = sqlite_conn_change(conn, stmt);
    if (err == ERR_NONE)
        store_journal_note_row(conn->journal, str_of(assignment->id));
    return err;
}

static enum err disable(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_device_ban *ban = request->args;
    sqlite3_stmt *stmt = use(conn, DISABLE);
    enum err err;

    sqlite_conn_bind_text(stmt, 1, ban->id);
    sqlite_conn_bind_int(stmt, 2, ban->disabled);
    err = sqlite_conn_change(conn, stmt);
    if (err == ERR_NONE)
        store_journal_note_row(conn->journal, str_of(ban->id));
    return err;
}

/* What the overlay has of its params shall not be laid over those of a new device of that id. */
static enum err delete_whole(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_device_ban *ban = request->args;
    const struct store_device_change emptied = {.id = str_of(ban->id), .params = STR("{}")};
    sqlite3_stmt *stmt;
    enum err err = store_journal_update(conn->journal, &emptied);

    if (err)
        return err;
    stmt = use(conn, DELETE);
    sqlite_conn_bind_text(stmt, 1, ban->id);
    err = sqlite_conn_change(conn, stmt);
    if (err == ERR_NONE)
        store_journal_note_row(conn->journal, str_of(ban->id));
    return err;
}

static enum err update(struct sqlite_conn *conn, struct store_request *request)
{
    return store_journal_update(conn->journal, request->args);
}

static const sqlite_verb_fn verbs[STORE_DEVICE_VERBS] = {
    [STORE_DEVICE_FIND] = find,           [STORE_DEVICE_LIST] = list,
    [STORE_DEVICE_CREATE] = create,       [STORE_DEVICE_ASSIGN] = assign,
    [STORE_DEVICE_UPDATE] = update,       [STORE_DEVICE_DISABLE] = disable,
    [STORE_DEVICE_DELETE] = delete_whole,
};

const struct sqlite_resource sqlite_device = {verbs};
