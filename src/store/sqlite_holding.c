/*
 * A holding's owner is its device's: what changes that row tells the journal, as in
 * sqlite_device.c.
 */
#include "store/sqlite_group.h"
#include "store/sqlite_key.h"
#include "store/sqlite_read.h"
#include "store/sqlite_resource.h"
#include "store/store_holding_verb.h"
#include "store/store_journal.h"

#include <string.h>

enum statement { FIND, FIND_GSM, LIST, DESCRIBE, OWNER, RENAME, KEEP, CLAIM, RELEASE, STATEMENTS };

#define COLUMNS                                                                                    \
    "SELECT device.id, uiid, brand, product, maker, mac, apmac, chipid, description, "             \
    "coalesce(gsm_id, ''), settings, tags FROM holding "                                           \
    "JOIN device ON device.number = holding.device "

static const char *const texts[STATEMENTS] = {
    [FIND] = COLUMNS "WHERE device.id = ?1",
    [FIND_GSM] = COLUMNS "WHERE gsm_id = ?1",
    [LIST] = COLUMNS
    "WHERE device.owner = (SELECT number FROM user WHERE apikey = ?2) "
    "AND device.id > ?1 ORDER BY device.id",
    [DESCRIBE] =
        "INSERT INTO holding (device, uiid, brand, product, maker, mac, apmac, chipid, "
        "description, gsm_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, nullif(?10, '')) "
        "ON CONFLICT (device) DO UPDATE SET uiid = ?2, brand = ?3, product = ?4, maker = ?5, "
        "mac = ?6, apmac = ?7, chipid = ?8, description = ?9, gsm_id = nullif(?10, '')",
    [OWNER] =
        "SELECT coalesce(user.apikey, '') FROM device LEFT JOIN user "
        "ON user.number = device.owner WHERE device.id = ?1",
    [RENAME] = "UPDATE device SET name = ?2 WHERE id = ?1",
    [KEEP] =
        "INSERT INTO holding (device, chipid, settings, tags) VALUES (?1, ?2, coalesce(?3, ''), "
        "coalesce(?4, '')) ON CONFLICT (device) DO UPDATE SET "
        "chipid = CASE chipid WHEN '' THEN ?2 ELSE chipid END, "
        "settings = coalesce(?3, settings), tags = coalesce(?4, tags)",
    [CLAIM] = "UPDATE device SET owner = ?2 WHERE id = ?1",
    [RELEASE] = "UPDATE device SET owner = NULL, name = '' WHERE id = ?1",
};

static sqlite3_stmt *use(struct sqlite_conn *conn, enum statement number)
{
    return sqlite_conn_use(conn, STORE_HOLDING, number, texts[number]);
}

static bool read_holding(sqlite3_stmt *stmt, void *item)
{
    struct holding_record *out = item;

    out->uiid = sqlite3_column_int64(stmt, 1);
    return sqlite_conn_text(stmt, 0, out->deviceid, sizeof out->deviceid) &&
           sqlite_conn_text(stmt, 2, out->brand, sizeof out->brand) &&
           sqlite_conn_text(stmt, 3, out->product, sizeof out->product) &&
           sqlite_conn_text(stmt, 4, out->maker, sizeof out->maker) &&
           sqlite_conn_text(stmt, 5, out->mac, sizeof out->mac) &&
           sqlite_conn_text(stmt, 6, out->apmac, sizeof out->apmac) &&
           sqlite_conn_text(stmt, 7, out->chipid, sizeof out->chipid) &&
           sqlite_conn_text(stmt, 8, out->description, sizeof out->description) &&
           sqlite_conn_text(stmt, 9, out->gsm_id, sizeof out->gsm_id) &&
           sqlite_conn_text(stmt, 10, out->settings, sizeof out->settings) &&
           sqlite_conn_text(stmt, 11, out->tags, sizeof out->tags);
}

static enum err find(struct sqlite_conn *conn, struct store_request *request)
{
    sqlite3_stmt *stmt = use(conn, FIND);
    struct holding_record *holding = request->args;

    sqlite_conn_bind_text(stmt, 1, holding->deviceid);
    return sqlite_read_one(conn, stmt, read_holding, holding);
}

static enum err find_gsm(struct sqlite_conn *conn, struct store_request *request)
{
    sqlite3_stmt *stmt = use(conn, FIND_GSM);
    struct holding_record *holding = request->args;

    sqlite_conn_bind_text(stmt, 1, holding->gsm_id);
    return sqlite_read_one(conn, stmt, read_holding, holding);
}

static enum err list(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_holding_list *range = request->args;
    sqlite3_stmt *stmt = use(conn, LIST);

    sqlite_conn_bind_text(stmt, 2, range->owner);
    return sqlite_read_list(conn, stmt, read_holding, request);
}

static enum err describe(struct sqlite_conn *conn, struct store_request *request)
{
    const struct holding_record *holding = request->args;
    sqlite3_stmt *stmt = use(conn, DESCRIBE);
    enum err err;

    if ((err = sqlite_key_bind_device(conn, stmt, 1, holding->deviceid)))
        return err;
    sqlite_conn_bind_int(stmt, 2, holding->uiid);
    sqlite_conn_bind_text(stmt, 3, holding->brand);
    sqlite_conn_bind_text(stmt, 4, holding->product);
    sqlite_conn_bind_text(stmt, 5, holding->maker);
    sqlite_conn_bind_text(stmt, 6, holding->mac);
    sqlite_conn_bind_text(stmt, 7, holding->apmac);
    sqlite_conn_bind_text(stmt, 8, holding->chipid);
    sqlite_conn_bind_text(stmt, 9, holding->description);
    sqlite_conn_bind_text(stmt, 10, holding->gsm_id);
    return sqlite_conn_run(conn, stmt);
}

/* The owner's apikey, empty for a device of nobody. */
static enum err read_owner(struct sqlite_conn *conn, const char *id, char out[STORE_APIKEY_CAP])
{
    sqlite3_stmt *stmt = use(conn, OWNER);
    enum err err;
    bool fits;

    sqlite_conn_bind_text(stmt, 1, id);
    if ((err = sqlite_conn_step(conn, stmt)))
        return err;
    fits = sqlite_conn_text(stmt, 0, out, STORE_APIKEY_CAP);
    sqlite3_reset(stmt);
    return fits ? ERR_NONE : ERR_IO;
}

static enum err check_owner(struct sqlite_conn *conn, const struct holding_change *change)
{
    char owner[STORE_APIKEY_CAP];
    enum err err = read_owner(conn, change->deviceid, owner);

    if (err == ERR_NONE && strcmp(owner, change->owner) != 0)
        err = ERR_NOT_FOUND;
    return err;
}

static enum err keep(struct sqlite_conn *conn, const struct holding_change *change)
{
    sqlite3_stmt *stmt = use(conn, KEEP);
    enum err err;

    if (!change->has_settings && !change->has_tags && change->chipid[0] == '\0')
        return ERR_NONE;
    if ((err = sqlite_key_bind_device(conn, stmt, 1, change->deviceid)))
        return err;
    sqlite_conn_bind_text(stmt, 2, change->chipid);
    sqlite_conn_bind_text(stmt, 3, change->has_settings ? change->settings : NULL);
    sqlite_conn_bind_text(stmt, 4, change->has_tags ? change->tags : NULL);
    return sqlite_conn_run(conn, stmt);
}

static enum err rename_and_keep(struct sqlite_conn *conn, const struct holding_change *change)
{
    sqlite3_stmt *stmt;
    enum err err;

    if (change->has_name) {
        stmt = use(conn, RENAME);
        sqlite_conn_bind_text(stmt, 1, change->deviceid);
        sqlite_conn_bind_text(stmt, 2, change->name);
        if ((err = sqlite_conn_change(conn, stmt)))
            return err;
        store_journal_note_row(conn->journal, str_of(change->deviceid));
    }
    return keep(conn, change);
}

static enum err change_all(struct sqlite_conn *conn, struct store_request *request)
{
    const struct holding_change *change = request->args;
    enum err err = check_owner(conn, change);

    return err != ERR_NONE ? err : rename_and_keep(conn, change);
}

static enum err change(struct sqlite_conn *conn, struct store_request *request)
{
    return sqlite_group_whole(conn, change_all, request);
}

static enum err claim_all(struct sqlite_conn *conn, struct store_request *request)
{
    const struct holding_change *change = request->args;
    char owner[STORE_APIKEY_CAP];
    sqlite3_stmt *stmt;
    enum err err;

    if ((err = read_owner(conn, change->deviceid, owner)))
        return err;
    if (owner[0] != '\0' && strcmp(owner, change->owner) != 0)
        return ERR_EXISTS;
    stmt = use(conn, CLAIM);
    if ((err = sqlite_key_bind_user(conn, stmt, 2, change->owner)))
        return err;
    sqlite_conn_bind_text(stmt, 1, change->deviceid);
    if ((err = sqlite_conn_change(conn, stmt)))
        return err;
    store_journal_note_row(conn->journal, str_of(change->deviceid));
    return rename_and_keep(conn, change);
}

static enum err claim(struct sqlite_conn *conn, struct store_request *request)
{
    return sqlite_group_whole(conn, claim_all, request);
}

/* The next owner shall see nothing of this one. The journal comes last: it is not undone. */
static enum err release_all(struct sqlite_conn *conn, struct store_request *request)
{
    const struct holding_change *change = request->args;
    const struct store_device_change forget = {.id = str_of(change->deviceid), .params = STR("{}")};
    struct holding_change none = *change;
    sqlite3_stmt *stmt;
    enum err err;

    if ((err = check_owner(conn, change)))
        return err;
    none.has_settings = none.has_tags = true;
    none.settings[0] = none.tags[0] = none.chipid[0] = '\0';
    if ((err = keep(conn, &none)))
        return err;
    stmt = use(conn, RELEASE);
    sqlite_conn_bind_text(stmt, 1, change->deviceid);
    if ((err = sqlite_conn_change(conn, stmt)))
        return err;
    store_journal_note_row(conn->journal, str_of(change->deviceid));
    return store_journal_update(conn->journal, &forget);
}

static enum err release(struct sqlite_conn *conn, struct store_request *request)
{
    return sqlite_group_whole(conn, release_all, request);
}

static const sqlite_verb_fn verbs[STORE_HOLDING_VERBS] = {
    [STORE_HOLDING_FIND] = find,       [STORE_HOLDING_FIND_GSM] = find_gsm,
    [STORE_HOLDING_LIST] = list,       [STORE_HOLDING_DESCRIBE] = describe,
    [STORE_HOLDING_CHANGE] = change,   [STORE_HOLDING_CLAIM] = claim,
    [STORE_HOLDING_RELEASE] = release,
};

const struct sqlite_resource sqlite_holding = {verbs};
