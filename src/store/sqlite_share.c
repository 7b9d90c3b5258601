#include "store/sqlite_key.h"
#include "store/sqlite_read.h"
#include "store/sqlite_resource.h"
#include "store/store_share_verb.h"

enum statement {
    LOOK,
    CHECK,
    LIST,
    LIST_DEVICE,
    LIST_OWNER,
    LIST_SHAREE,
    COUNT,
    CREATE,
    UPDATE,
    DELETE,
    STATEMENTS
};

#define OWNED_DEVICE                                                                               \
    "(SELECT number FROM device WHERE id = ?1 AND owner = "                                        \
    "(SELECT number FROM user WHERE apikey = ?2))"
#define SHAREE "(SELECT number FROM user WHERE apikey = ?3)"

/* ?1 is what it began after, whole: not used, but bound by sqlite_read_list(). */
#define COLUMNS                                                                                    \
    "SELECT device.id, owner.apikey, owner.account, sharee.apikey, sharee.account, share.name, "   \
    "share.note, share.permit, share.created_ms FROM share "                                       \
    "JOIN device ON device.number = share.device "                                                 \
    "JOIN user AS owner ON owner.number = device.owner "                                           \
    "JOIN user AS sharee ON sharee.number = share.sharee WHERE ?1 IS NOT NULL "
#define FROM_THERE_ON                                                                              \
    "AND device.id >= ?3 AND (device.id > ?3 OR sharee.apikey > ?4) "                              \
    "ORDER BY device.id, sharee.apikey"

static const char *const texts[STATEMENTS] = {
    [LOOK] =
        "SELECT coalesce((SELECT apikey FROM user WHERE account = ?3), ''), "
        "EXISTS (SELECT 1 FROM device WHERE number = " OWNED_DEVICE
        "), "
        "EXISTS (SELECT 1 FROM share WHERE device = " OWNED_DEVICE
        " AND sharee = (SELECT number FROM user WHERE account = ?3)), "
        "(SELECT count(*) FROM share WHERE device = " OWNED_DEVICE
        "), "
        "coalesce((SELECT permit FROM share WHERE device = " OWNED_DEVICE
        " AND sharee = (SELECT number FROM user WHERE account = ?3)), 0)",
    [CHECK] =
        "SELECT 1 FROM share JOIN device ON device.number = share.device "
        "WHERE share.sharee = (SELECT number FROM user WHERE apikey = ?2) "
        "AND device.owner = (SELECT number FROM user WHERE apikey = ?1) LIMIT 1",
    [LIST] = COLUMNS "AND ?2 = '' " FROM_THERE_ON,
    [LIST_DEVICE] = COLUMNS "AND device.id = ?2 " FROM_THERE_ON,
    [LIST_OWNER] = COLUMNS "AND owner.apikey = ?2 " FROM_THERE_ON,
    [LIST_SHAREE] = COLUMNS "AND sharee.apikey = ?2 " FROM_THERE_ON,
    [COUNT] = "SELECT count(*) FROM share WHERE device = " OWNED_DEVICE,
    [CREATE] =
        "INSERT INTO share (device, sharee, permit, name, note, created_ms) "
        "SELECT device.number, sharee.number, ?4, ?5, ?6, ?7 "
        "FROM device JOIN user AS sharee ON sharee.apikey = ?3 AND sharee.number IS NOT "
        "device.owner "
        "WHERE device.number = " OWNED_DEVICE,
    [UPDATE] =
        "UPDATE share SET permit = ?4, name = CASE ?5 WHEN '' THEN name ELSE ?5 END, "
        "note = CASE ?6 WHEN '' THEN note ELSE ?6 END "
        "WHERE device = " OWNED_DEVICE " AND sharee = " SHAREE,
    [DELETE] = "DELETE FROM share WHERE device = " OWNED_DEVICE " AND sharee = " SHAREE,
};

static sqlite3_stmt *use(struct sqlite_conn *conn, enum statement number)
{
    return sqlite_conn_use(conn, STORE_SHARE, number, texts[number]);
}

static bool read_prospect(sqlite3_stmt *stmt, void *record)
{
    struct share_prospect *out = record;

    out->is_owned = sqlite3_column_int(stmt, 1) != 0;
    out->is_shared = sqlite3_column_int(stmt, 2) != 0;
    out->count = (unsigned)sqlite3_column_int64(stmt, 3);
    out->permit = (unsigned)sqlite3_column_int64(stmt, 4);
    return sqlite_conn_text(stmt, 0, out->sharee, sizeof out->sharee);
}

static enum err look(struct sqlite_conn *conn, struct store_request *request)
{
    struct share_prospect *prospect = request->args;
    sqlite3_stmt *stmt = use(conn, LOOK);

    sqlite_conn_bind_text(stmt, 1, prospect->deviceid);
    sqlite_conn_bind_text(stmt, 2, prospect->owner);
    sqlite_conn_bind_text(stmt, 3, prospect->account);
    return sqlite_read_one(conn, stmt, read_prospect, prospect);
}

static bool read_nothing(sqlite3_stmt *stmt, void *record)
{
    (void)stmt;
    (void)record;
    return true;
}

static enum err check(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_share_pair *pair = request->args;
    sqlite3_stmt *stmt = use(conn, CHECK);

    sqlite_conn_bind_text(stmt, 1, pair->owner);
    sqlite_conn_bind_text(stmt, 2, pair->sharee);
    return sqlite_read_one(conn, stmt, read_nothing, request->args);
}

static bool read_share(sqlite3_stmt *stmt, void *record)
{
    struct share_record *out = record;

    out->permit = (unsigned)sqlite3_column_int64(stmt, 7);
    out->created_ms = sqlite3_column_int64(stmt, 8);
    return sqlite_conn_text(stmt, 0, out->deviceid, sizeof out->deviceid) &&
           sqlite_conn_text(stmt, 1, out->owner, sizeof out->owner) &&
           sqlite_conn_text(stmt, 2, out->owner_account, sizeof out->owner_account) &&
           sqlite_conn_text(stmt, 3, out->sharee, sizeof out->sharee) &&
           sqlite_conn_text(stmt, 4, out->sharee_account, sizeof out->sharee_account) &&
           sqlite_conn_text(stmt, 5, out->name, sizeof out->name) &&
           sqlite_conn_text(stmt, 6, out->note, sizeof out->note);
}

/* The narrowest set that was asked for; `by` is its key. */
static enum statement list_of(const struct store_share_list *list, const char **by)
{
    *by = list->deviceid;
    if (list->deviceid[0] != '\0')
        return LIST_DEVICE;
    *by = list->sharee;
    if (list->sharee[0] != '\0')
        return LIST_SHAREE;
    *by = list->owner;
    return list->owner[0] != '\0' ? LIST_OWNER : LIST;
}

static enum err list(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_share_list *list = request->args;
    struct str sharee = str_of(list->range.after);
    struct str deviceid = STR("");
    const char *by;
    sqlite3_stmt *stmt = use(conn, list_of(list, &by));

    (void)str_split(&sharee, ' ', &deviceid);
    sqlite_conn_bind_text(stmt, 2, by);
    sqlite_conn_bind_str(stmt, 3, deviceid);
    sqlite_conn_bind_str(stmt, 4, sharee);
    return sqlite_read_list(conn, stmt, read_share, request);
}

static void bind_key(sqlite3_stmt *stmt, const struct share_record *share)
{
    sqlite_conn_bind_text(stmt, 1, share->deviceid);
    sqlite_conn_bind_text(stmt, 2, share->owner);
    sqlite_conn_bind_text(stmt, 3, share->sharee);
}

static void bind_all(sqlite3_stmt *stmt, const struct share_record *share)
{
    bind_key(stmt, share);
    sqlite_conn_bind_int(stmt, 4, share->permit);
    sqlite_conn_bind_text(stmt, 5, share->name);
    sqlite_conn_bind_text(stmt, 6, share->note);
}

static enum err create(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_share_creation *creation = request->args;
    sqlite3_stmt *stmt = use(conn, COUNT);
    int64_t count = 0;
    enum err err;

    sqlite_conn_bind_text(stmt, 1, creation->share.deviceid);
    sqlite_conn_bind_text(stmt, 2, creation->share.owner);
    if ((err = sqlite_read_one(conn, stmt, sqlite_read_count, &count)))
        return err;
    if (count >= (int64_t)creation->max)
        return ERR_FULL;
    stmt = use(conn, CREATE);
    bind_all(stmt, &creation->share);
    sqlite_conn_bind_int(stmt, 7, creation->share.created_ms);
    return sqlite_conn_change(conn, stmt);
}

static enum err update(struct sqlite_conn *conn, struct store_request *request)
{
    sqlite3_stmt *stmt = use(conn, UPDATE);

    bind_all(stmt, request->args);
    return sqlite_conn_change(conn, stmt);
}

static enum err delete (struct sqlite_conn *conn, struct store_request *request) {
    sqlite3_stmt *stmt = use(conn, DELETE);

    bind_key(stmt, request->args);
    return sqlite_conn_change(conn, stmt);
}

static const sqlite_verb_fn verbs[STORE_SHARE_VERBS] = {
    [STORE_SHARE_LOOK] = look,     [STORE_SHARE_CHECK] = check,   [STORE_SHARE_LIST] = list,
    [STORE_SHARE_CREATE] = create, [STORE_SHARE_UPDATE] = update, [STORE_SHARE_DELETE] = delete,
};

const struct sqlite_resource sqlite_share = {verbs};
