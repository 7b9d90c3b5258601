#include "store/sqlite_group.h"
#include "store/sqlite_key.h"
#include "store/sqlite_read.h"
#include "store/sqlite_resource.h"
#include "store/store_grouping_verb.h"

enum statement {
    LIST,
    MEMBERS,
    NUMBERS,
    PUSH,
    CREATE,
    CHANGE,
    DELETE,
    LEAVE,
    LEAVE_ALL,
    JOIN,
    OWNED,
    STATEMENTS
};

#define OWNER(at) "(SELECT number FROM user WHERE apikey = " at ")"

static const char *const texts[STATEMENTS] = {
    [LIST] =
        "SELECT id, name, place, created_ms FROM grouping WHERE owner = " OWNER("?2")
        " AND id > ?1 ORDER BY id",
    [MEMBERS] =
        "SELECT device.id, grouping.id FROM grouping_member "
        "JOIN grouping ON grouping.number = grouping_member.grouping "
        "JOIN device ON device.number = grouping_member.device "
        "WHERE grouping.owner = " OWNER("?2")
        " AND device.id || ' ' || grouping.id > ?1 ORDER BY device.id || ' ' || grouping.id",
    [NUMBERS] = "SELECT count(*), coalesce(max(place), 0) FROM grouping WHERE owner = " OWNER("?1"),
    [PUSH] =
        "UPDATE grouping SET place = place + 1 WHERE owner = " OWNER("?1") " AND place >= ?2",
    [CREATE] =
        "INSERT INTO grouping (id, owner, name, place, created_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
    [CHANGE] =
        "UPDATE grouping SET name = CASE ?3 WHEN '' THEN name ELSE ?3 END, "
        "place = CASE ?4 WHEN 0 THEN place ELSE ?4 END WHERE id = ?1 AND owner = " OWNER("?2"),
    [DELETE] = "DELETE FROM grouping WHERE id = ?1 AND owner = " OWNER("?2"),
    [LEAVE] =
        "DELETE FROM grouping_member WHERE device = (SELECT number FROM device WHERE id = ?1) "
        "AND grouping = (SELECT number FROM grouping WHERE id = ?2)",
    [LEAVE_ALL] =
        "DELETE FROM grouping_member WHERE device = (SELECT number FROM device WHERE id = ?1)",
    [JOIN] =
        "INSERT INTO grouping_member (device, grouping) SELECT device.number, grouping.number "
        "FROM device, grouping WHERE device.id = ?1 AND grouping.id = ?2 "
        "AND grouping.owner = device.owner ON CONFLICT (device, grouping) DO UPDATE SET "
        "device = device",
    [OWNED] = "SELECT 1 FROM device WHERE id = ?1 AND owner = " OWNER("?2"),
};

static sqlite3_stmt *use(struct sqlite_conn *conn, enum statement number)
{
    return sqlite_conn_use(conn, STORE_GROUPING, number, texts[number]);
}

static bool read_grouping(sqlite3_stmt *stmt, void *item)
{
    struct grouping_record *out = item;

    out->place = sqlite3_column_int64(stmt, 2);
    out->created_ms = sqlite3_column_int64(stmt, 3);
    return sqlite_conn_text(stmt, 0, out->id, sizeof out->id) &&
           sqlite_conn_text(stmt, 1, out->name, sizeof out->name);
}

static bool read_member(sqlite3_stmt *stmt, void *item)
{
    struct grouping_member *out = item;

    return sqlite_conn_text(stmt, 0, out->deviceid, sizeof out->deviceid) &&
           sqlite_conn_text(stmt, 1, out->grouping, sizeof out->grouping);
}

static enum err list(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_grouping_list *range = request->args;
    sqlite3_stmt *stmt = use(conn, LIST);

    sqlite_conn_bind_text(stmt, 2, range->owner);
    return sqlite_read_list(conn, stmt, read_grouping, request);
}

static enum err members(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_grouping_list *range = request->args;
    sqlite3_stmt *stmt = use(conn, MEMBERS);

    sqlite_conn_bind_text(stmt, 2, range->owner);
    return sqlite_read_list(conn, stmt, read_member, request);
}

static enum err push(struct sqlite_conn *conn, const struct grouping_record *grouping)
{
    sqlite3_stmt *stmt = use(conn, PUSH);

    sqlite_conn_bind_text(stmt, 1, grouping->owner);
    sqlite_conn_bind_int(stmt, 2, grouping->place);
    return sqlite_conn_run(conn, stmt);
}

/* How many groups the account has, and the last place taken. */
static enum err count(struct sqlite_conn *conn, const char *owner, int64_t *number, int64_t *last)
{
    sqlite3_stmt *stmt = use(conn, NUMBERS);
    enum err err;

    sqlite_conn_bind_text(stmt, 1, owner);
    if ((err = sqlite_conn_step(conn, stmt)))
        return err;
    *number = sqlite3_column_int64(stmt, 0);
    *last = sqlite3_column_int64(stmt, 1);
    sqlite3_reset(stmt);
    return ERR_NONE;
}

static enum err create_all(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_grouping_creation *creation = request->args;
    struct grouping_record grouping = creation->record;
    sqlite3_stmt *stmt;
    int64_t number;
    int64_t last;
    enum err err;

    if ((err = count(conn, grouping.owner, &number, &last)))
        return err;
    if (number >= (int64_t)creation->max)
        return ERR_FULL;
    if (grouping.place == 0 || grouping.place > last)
        grouping.place = last + 1;
    else if ((err = push(conn, &grouping)))
        return err;
    stmt = use(conn, CREATE);
    if ((err = sqlite_key_bind_user(conn, stmt, 2, grouping.owner)))
        return err;
    sqlite_conn_bind_text(stmt, 1, grouping.id);
    sqlite_conn_bind_text(stmt, 3, grouping.name);
    sqlite_conn_bind_int(stmt, 4, grouping.place);
    sqlite_conn_bind_int(stmt, 5, grouping.created_ms);
    return sqlite_conn_run(conn, stmt);
}

static enum err create(struct sqlite_conn *conn, struct store_request *request)
{
    return sqlite_group_whole(conn, create_all, request);
}

static enum err change_all(struct sqlite_conn *conn, struct store_request *request)
{
    const struct grouping_record *grouping = request->args;
    sqlite3_stmt *stmt;
    enum err err;

    if (grouping->place > 0 && (err = push(conn, grouping)))
        return err;
    stmt = use(conn, CHANGE);
    sqlite_conn_bind_text(stmt, 1, grouping->id);
    sqlite_conn_bind_text(stmt, 2, grouping->owner);
    sqlite_conn_bind_text(stmt, 3, grouping->name);
    sqlite_conn_bind_int(stmt, 4, grouping->place);
    return sqlite_conn_change(conn, stmt);
}

static enum err change(struct sqlite_conn *conn, struct store_request *request)
{
    return sqlite_group_whole(conn, change_all, request);
}

static enum err delete_one(struct sqlite_conn *conn, struct store_request *request)
{
    const struct grouping_record *grouping = request->args;
    sqlite3_stmt *stmt = use(conn, DELETE);

    sqlite_conn_bind_text(stmt, 1, grouping->id);
    sqlite_conn_bind_text(stmt, 2, grouping->owner);
    return sqlite_conn_change(conn, stmt);
}

static enum err leave(struct sqlite_conn *conn, const struct grouping_move *move)
{
    sqlite3_stmt *stmt;

    if (!move->from_all && move->source[0] == '\0')
        return ERR_NONE;
    stmt = use(conn, move->from_all ? LEAVE_ALL : LEAVE);
    sqlite_conn_bind_text(stmt, 1, move->deviceid);
    if (!move->from_all)
        sqlite_conn_bind_text(stmt, 2, move->source);
    return sqlite_conn_run(conn, stmt);
}

static enum err check_owned(struct sqlite_conn *conn, const struct grouping_move *move)
{
    sqlite3_stmt *stmt = use(conn, OWNED);
    enum err err;

    sqlite_conn_bind_text(stmt, 1, move->deviceid);
    sqlite_conn_bind_text(stmt, 2, move->owner);
    if ((err = sqlite_conn_step(conn, stmt)))
        return err;
    sqlite3_reset(stmt);
    return ERR_NONE;
}

static enum err assign_all(struct sqlite_conn *conn, struct store_request *request)
{
    const struct grouping_move *move = request->args;
    sqlite3_stmt *stmt;
    enum err err;

    if ((err = check_owned(conn, move)) || (err = leave(conn, move)))
        return err;
    if (move->target[0] == '\0')
        return ERR_NONE;
    stmt = use(conn, JOIN);
    sqlite_conn_bind_text(stmt, 1, move->deviceid);
    sqlite_conn_bind_text(stmt, 2, move->target);
    return sqlite_conn_change(conn, stmt);
}

static enum err assign(struct sqlite_conn *conn, struct store_request *request)
{
    return sqlite_group_whole(conn, assign_all, request);
}

static const sqlite_verb_fn verbs[STORE_GROUPING_VERBS] = {
    [STORE_GROUPING_LIST] = list,         [STORE_GROUPING_MEMBERS] = members,
    [STORE_GROUPING_CREATE] = create,     [STORE_GROUPING_CHANGE] = change,
    [STORE_GROUPING_DELETE] = delete_one, [STORE_GROUPING_ASSIGN] = assign,
};

const struct sqlite_resource sqlite_grouping = {verbs};
