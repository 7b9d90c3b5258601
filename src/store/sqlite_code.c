#include "base/crypto.h"
#include "store/sqlite_read.h"
#include "store/sqlite_resource.h"
#include "store/store_code_verb.h"

#include <string.h>

enum statement { FORGET, TRIM, CREATE, FIND, COUNT_UP, REMOVE, STATEMENTS };

static const char *const texts[STATEMENTS] = {
    [FORGET] = "DELETE FROM code WHERE expires_ms <= ?1",
    [TRIM] =
        "DELETE FROM code WHERE expires_ms <= "
        "(SELECT expires_ms FROM code ORDER BY expires_ms DESC LIMIT 1 OFFSET ?1)",
    [CREATE] =
        "INSERT OR REPLACE INTO code (account, purpose, hash, expires_ms, attempts) "
        "VALUES (?1, ?2, ?3, ?4, 0)",
    [FIND] = "SELECT hash, expires_ms, attempts FROM code WHERE account = ?1 AND purpose = ?2",
    [COUNT_UP] = "UPDATE code SET attempts = attempts + 1 WHERE account = ?1 AND purpose = ?2",
    [REMOVE] = "DELETE FROM code WHERE account = ?1 AND purpose = ?2",
};

static sqlite3_stmt *use(struct sqlite_conn *conn, enum statement number)
{
    return sqlite_conn_use(conn, STORE_CODE, number, texts[number]);
}

static enum err run_with(struct sqlite_conn *conn, enum statement number, int64_t value)
{
    sqlite3_stmt *stmt = use(conn, number);

    sqlite_conn_bind_int(stmt, 1, value);
    return sqlite_conn_run(conn, stmt);
}

static enum err create(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_code_creation *creation = request->args;
    const struct code_record *code = &creation->code;
    sqlite3_stmt *stmt;
    enum err err;

    if ((err = run_with(conn, FORGET, creation->now_ms)))
        return err;
    if ((err = run_with(conn, TRIM, STORE_CODES_MAX - 1)))
        return err;
    stmt = use(conn, CREATE);
    sqlite_conn_bind_text(stmt, 1, code->account);
    sqlite_conn_bind_int(stmt, 2, code->purpose);
    sqlite_conn_bind_blob(stmt, 3, code->hash, sizeof code->hash);
    sqlite_conn_bind_int(stmt, 4, code->expires_ms);
    return sqlite_conn_run(conn, stmt);
}

struct found {
    uint8_t hash[STORE_CODE_HASH_BYTES];
    int64_t expires_ms;
    int64_t attempts;
};

static bool read_found(sqlite3_stmt *stmt, void *record)
{
    struct found *found = record;
    const void *hash = sqlite3_column_blob(stmt, 0);

    if (hash == NULL || sqlite3_column_bytes(stmt, 0) != STORE_CODE_HASH_BYTES)
        return false;
    memcpy(found->hash, hash, STORE_CODE_HASH_BYTES);
    found->expires_ms = sqlite3_column_int64(stmt, 1);
    found->attempts = sqlite3_column_int64(stmt, 2);
    return true;
}

static enum err change(struct sqlite_conn *conn, enum statement number,
                       const struct code_guess *guess)
{
    sqlite3_stmt *stmt = use(conn, number);

    sqlite_conn_bind_text(stmt, 1, guess->account);
    sqlite_conn_bind_int(stmt, 2, guess->purpose);
    return sqlite_conn_run(conn, stmt);
}

static bool is_right(const struct code_guess *guess, const struct found *found)
{
    struct str wanted = {(const char *)found->hash, sizeof found->hash};
    struct str given = {(const char *)guess->hash, sizeof guess->hash};

    return crypto_equal(wanted, given) && found->expires_ms > guess->now_ms;
}

static enum err try(struct sqlite_conn *conn, struct store_request *request)
{
    struct code_guess *guess = request->args;
    sqlite3_stmt *stmt = use(conn, FIND);
    struct found found;
    enum err err;

    guess->is_right = false;
    sqlite_conn_bind_text(stmt, 1, guess->account);
    sqlite_conn_bind_int(stmt, 2, guess->purpose);
    err = sqlite_read_one(conn, stmt, read_found, &found);
    if (err != ERR_NONE)
        return err == ERR_NOT_FOUND ? ERR_NONE : err;
    guess->is_right = is_right(guess, &found);
    if (guess->is_right || found.attempts + 1 >= guess->max_attempts)
        return change(conn, REMOVE, guess);
    return change(conn, COUNT_UP, guess);
}

static const sqlite_verb_fn verbs[STORE_CODE_VERBS] = {
    [STORE_CODE_CREATE] = create,
    [STORE_CODE_TRY] = try,
};

const struct sqlite_resource sqlite_code = {verbs};
