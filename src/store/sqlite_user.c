#include "store/sqlite_group.h"
#include "store/sqlite_read.h"
#include "store/sqlite_resource.h"
#include "store/sqlite_token.h"
#include "store/store_user_verb.h"

enum statement { FIND, FIND_ACCOUNT, LIST, CREATE, SET_PASSWORD, FORGET_CODES, STATEMENTS };

#define COLUMNS "SELECT apikey, account, region, password_hash, created_ms FROM user "

static const char *const texts[STATEMENTS] = {
    [FIND] = COLUMNS "WHERE apikey = ?1",
    [FIND_ACCOUNT] = COLUMNS "WHERE account = ?1",
    [LIST] = COLUMNS "WHERE apikey > ?1 ORDER BY apikey",
    [CREATE] = ("INSERT INTO user (apikey, account, region, password_hash, created_ms) "
                "VALUES (?1, ?2, ?3, ?4, ?5)"),
    [SET_PASSWORD] = "UPDATE user SET password_hash = ?2 WHERE apikey = ?1",
    [FORGET_CODES] =
        "DELETE FROM oauth_code WHERE user = (SELECT number FROM user WHERE apikey = ?1)",
};

static sqlite3_stmt *use(struct sqlite_conn *conn, enum statement number)
{
    return sqlite_conn_use(conn, STORE_USER, number, texts[number]);
}

static bool read_user(sqlite3_stmt *stmt, void *record)
{
    struct user_record *out = record;

    out->created_ms = sqlite3_column_int64(stmt, 4);
    return sqlite_conn_text(stmt, 0, out->apikey, sizeof out->apikey) &&
           sqlite_conn_text(stmt, 1, out->account, sizeof out->account) &&
           sqlite_conn_text(stmt, 2, out->region, sizeof out->region) &&
           sqlite_conn_text(stmt, 3, out->password_hash, sizeof out->password_hash);
}

static enum err find(struct sqlite_conn *conn, struct store_request *request)
{
    sqlite3_stmt *stmt = use(conn, FIND);
    struct user_record *user = request->args;

    sqlite_conn_bind_text(stmt, 1, user->apikey);
    return sqlite_read_one(conn, stmt, read_user, user);
}

static enum err find_account(struct sqlite_conn *conn, struct store_request *request)
{
    sqlite3_stmt *stmt = use(conn, FIND_ACCOUNT);
    struct user_record *user = request->args;

    sqlite_conn_bind_text(stmt, 1, user->account);
    return sqlite_read_one(conn, stmt, read_user, user);
}

static enum err list(struct sqlite_conn *conn, struct store_request *request)
{
    return sqlite_read_list(conn, use(conn, LIST), read_user, request);
}

static enum err create(struct sqlite_conn *conn, struct store_request *request)
{
    const struct user_record *user = request->args;
    sqlite3_stmt *stmt = use(conn, CREATE);

    sqlite_conn_bind_text(stmt, 1, user->apikey);
    sqlite_conn_bind_text(stmt, 2, user->account);
    sqlite_conn_bind_text(stmt, 3, user->region);
    sqlite_conn_bind_text(stmt, 4, user->password_hash);
    sqlite_conn_bind_int(stmt, 5, user->created_ms);
    return sqlite_conn_run(conn, stmt);
}

static enum err set_password(struct sqlite_conn *conn, struct store_request *request)
{
    const struct user_record *user = request->args;
    sqlite3_stmt *stmt = use(conn, SET_PASSWORD);

    sqlite_conn_bind_text(stmt, 1, user->apikey);
    sqlite_conn_bind_text(stmt, 2, user->password_hash);
    return sqlite_conn_change(conn, stmt);
}

/* A code that is not exchanged yet is worth tokens. */
static enum err forget_codes(struct sqlite_conn *conn, const char *apikey)
{
    sqlite3_stmt *stmt = use(conn, FORGET_CODES);

    sqlite_conn_bind_text(stmt, 1, apikey);
    return sqlite_conn_run(conn, stmt);
}

static enum err set_and_end(struct sqlite_conn *conn, struct store_request *request)
{
    const struct user_record *user = request->args;
    enum err err;

    if ((err = set_password(conn, request)))
        return err;
    if ((err = forget_codes(conn, user->apikey)))
        return err;
    return sqlite_token_end_all(conn, request, user->apikey);
}

static enum err renew_password(struct sqlite_conn *conn, struct store_request *request)
{
    return sqlite_group_whole(conn, set_and_end, request);
}

static const sqlite_verb_fn verbs[STORE_USER_VERBS] = {
    [STORE_USER_FIND] = find,
    [STORE_USER_FIND_ACCOUNT] = find_account,
    [STORE_USER_LIST] = list,
    [STORE_USER_CREATE] = create,
    [STORE_USER_SET_PASSWORD] = set_password,
    [STORE_USER_RENEW_PASSWORD] = renew_password,
};

const struct sqlite_resource sqlite_user = {verbs};
