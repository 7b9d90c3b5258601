#include "store/sqlite_group.h"

enum statement { BEGIN, COMMIT, ROLLBACK, WHOLE_BEGIN, WHOLE_KEEP, WHOLE_UNDO, STATEMENTS };

static const char *const texts[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",        [WHOLE_BEGIN] = "SAVEPOINT whole",
    [WHOLE_KEEP] = "RELEASE whole", [WHOLE_UNDO] = "ROLLBACK TO whole",
};

static enum err run(struct sqlite_conn *conn, enum statement number)
{
    return sqlite_conn_run(conn, sqlite_conn_use(conn, SQLITE_GROUP, number, texts[number]));
}

bool sqlite_group_is_lost(const struct sqlite_conn *conn)
{
    return sqlite3_get_autocommit(conn->db) != 0;
}

static enum err roll_back(struct sqlite_conn *conn)
{
    return sqlite_group_is_lost(conn) ? ERR_NONE : run(conn, ROLLBACK);
}

/* There is nothing to roll back, unless the last commit failed and its rollback too. */
enum err sqlite_group_begin(struct sqlite_conn *conn)
{
    enum err err = roll_back(conn);

    return err ? err : run(conn, BEGIN);
}

void sqlite_group_undo(struct sqlite_conn *conn)
{
    (void)roll_back(conn);
}

enum err sqlite_group_commit(struct sqlite_conn *conn)
{
    enum err err = sqlite_group_is_lost(conn) ? ERR_IO : run(conn, COMMIT);

    return err != ERR_NONE && roll_back(conn) != ERR_NONE ? ERR_IO : err;
}

enum err sqlite_group_whole(struct sqlite_conn *conn, sqlite_verb_fn change,
                            struct store_request *request)
{
    enum err err;
    enum err undone = ERR_NONE;

    if ((err = run(conn, WHOLE_BEGIN)))
        return err;
    err = change(conn, request);
    if (err != ERR_NONE && sqlite_group_is_lost(conn))
        return err;
    if (err != ERR_NONE)
        undone = run(conn, WHOLE_UNDO);
    if (undone == ERR_NONE)
        undone = run(conn, WHOLE_KEEP);
    return err ? err : undone;
}
