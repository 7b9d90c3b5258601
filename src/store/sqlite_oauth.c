#include "store/sqlite_group.h"
#include "store/sqlite_key.h"
#include "store/sqlite_read.h"
#include "store/sqlite_resource.h"
#include "store/store_oauth_verb.h"

enum statement { COUNT, ADD, REMOVE, FIND, LIST, CODE_PURGE, CODE_CREATE, CODE_TAKE, STATEMENTS };

#define APP_NUMBER "(SELECT number FROM app WHERE id = ?1)"

enum { PURGED_AT_ONCE = 8 };

static const char *const texts[STATEMENTS] = {
    [COUNT] = "SELECT count(*) FROM oauth_redirect WHERE app = " APP_NUMBER,
    [ADD] = "INSERT INTO oauth_redirect (app, url) VALUES (?1, ?2)",
    [REMOVE] = "DELETE FROM oauth_redirect WHERE app = " APP_NUMBER " AND url = ?2",
    [FIND] = "SELECT url FROM oauth_redirect WHERE app = " APP_NUMBER " AND url = ?2",
    [LIST] =
        "SELECT url FROM oauth_redirect WHERE app = (SELECT number FROM app WHERE id = ?2) "
        "AND url > ?1 ORDER BY url",
    [CODE_PURGE] =
        "DELETE FROM oauth_code WHERE hash IN "
        "(SELECT hash FROM oauth_code WHERE expires_ms < ?1 ORDER BY expires_ms LIMIT ?2)",
    [CODE_CREATE] =
        "INSERT OR REPLACE INTO oauth_code (hash, user, app, url, expires_ms) "
        "VALUES (?1, ?2, ?3, ?4, ?5)",
    [CODE_TAKE] =
        "DELETE FROM oauth_code WHERE hash = ?1 RETURNING "
        "(SELECT apikey FROM user WHERE number = user), (SELECT id FROM app WHERE number = app), "
        "url, expires_ms",
};

static sqlite3_stmt *use(struct sqlite_conn *conn, enum statement number)
{
    return sqlite_conn_use(conn, STORE_OAUTH, number, texts[number]);
}

static enum err add(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_oauth_redirect *redirect = request->args;
    sqlite3_stmt *stmt = use(conn, COUNT);
    int64_t count = 0;
    enum err err;

    sqlite_conn_bind_text(stmt, 1, redirect->appid);
    if ((err = sqlite_read_one(conn, stmt, sqlite_read_count, &count)))
        return err;
    if (count >= STORE_OAUTH_URLS_MAX)
        return ERR_FULL;
    stmt = use(conn, ADD);
    if ((err = sqlite_key_bind_app(conn, stmt, 1, redirect->appid)))
        return err;
    sqlite_conn_bind_text(stmt, 2, redirect->url);
    return sqlite_conn_run(conn, stmt);
}

static enum err remove_one(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_oauth_redirect *redirect = request->args;
    sqlite3_stmt *stmt = use(conn, REMOVE);

    sqlite_conn_bind_text(stmt, 1, redirect->appid);
    sqlite_conn_bind_text(stmt, 2, redirect->url);
    return sqlite_conn_change(conn, stmt);
}

static bool read_url(sqlite3_stmt *stmt, void *record)
{
    struct store_oauth_redirect *redirect = record;

    return sqlite_conn_text(stmt, 0, redirect->url, sizeof redirect->url);
}

static enum err find(struct sqlite_conn *conn, struct store_request *request)
{
    struct store_oauth_redirect *redirect = request->args;
    sqlite3_stmt *stmt = use(conn, FIND);

    sqlite_conn_bind_text(stmt, 1, redirect->appid);
    sqlite_conn_bind_text(stmt, 2, redirect->url);
    return sqlite_read_one(conn, stmt, read_url, redirect);
}

static enum err list(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_oauth_list *list = request->args;
    sqlite3_stmt *stmt = use(conn, LIST);

    sqlite_conn_bind_text(stmt, 2, list->appid);
    return sqlite_read_list(conn, stmt, read_url, request);
}

static enum err purge_and_create(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_oauth_code *code = request->args;
    sqlite3_stmt *stmt = use(conn, CODE_PURGE);
    enum err err;

    sqlite_conn_bind_int(stmt, 1, code->purge_before_ms);
    sqlite_conn_bind_int(stmt, 2, PURGED_AT_ONCE);
    if ((err = sqlite_conn_run(conn, stmt)))
        return err;
    stmt = use(conn, CODE_CREATE);
    if ((err = sqlite_key_bind_user(conn, stmt, 2, code->apikey)))
        return err;
    if ((err = sqlite_key_bind_app(conn, stmt, 3, code->appid)))
        return err;
    sqlite_conn_bind_blob(stmt, 1, code->hash, sizeof code->hash);
    sqlite_conn_bind_text(stmt, 4, code->url);
    sqlite_conn_bind_int(stmt, 5, code->expires_ms);
    return sqlite_conn_run(conn, stmt);
}

static enum err create_code(struct sqlite_conn *conn, struct store_request *request)
{
    return sqlite_group_whole(conn, purge_and_create, request);
}

static bool read_code(sqlite3_stmt *stmt, void *record)
{
    struct store_oauth_code *code = record;

    code->expires_ms = sqlite3_column_int64(stmt, 3);
    return sqlite_conn_text(stmt, 0, code->apikey, sizeof code->apikey) &&
           sqlite_conn_text(stmt, 1, code->appid, sizeof code->appid) &&
           sqlite_conn_text(stmt, 2, code->url, sizeof code->url);
}

static enum err take_code(struct sqlite_conn *conn, struct store_request *request)
{
    struct store_oauth_code *code = request->args;
    sqlite3_stmt *stmt = use(conn, CODE_TAKE);

    sqlite_conn_bind_blob(stmt, 1, code->hash, sizeof code->hash);
    return sqlite_read_one(conn, stmt, read_code, code);
}

static const sqlite_verb_fn verbs[STORE_OAUTH_VERBS] = {
    [STORE_OAUTH_ADD] = add,
    [STORE_OAUTH_REMOVE] = remove_one,
    [STORE_OAUTH_FIND] = find,
    [STORE_OAUTH_LIST] = list,
    [STORE_OAUTH_CODE_CREATE] = create_code,
    [STORE_OAUTH_CODE_TAKE] = take_code,
};

const struct sqlite_resource sqlite_oauth = {verbs};
