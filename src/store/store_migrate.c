#include "store/store_migrate.h"

#include "store/sqlite_conn.h"

#include <stdio.h>

enum { APPLICATION_ID = 0x53775964 }; /* "SwYd", see sqlite.org/fileformat.html section 1.3.16 */

static const struct {
    int version;
    const char *sql;
} statements[] = {
#define SQL(version, sql) {version, sql},
#include "store_migrations.def"
#undef SQL
};

enum { STATEMENTS = sizeof statements / sizeof *statements };

int store_migrate_newest(void)
{
    return statements[STATEMENTS - 1].version;
}

/* The one number that a pragma or a count answers with. */
static int number_of(sqlite3 *db, const char *sql, int *out)
{
    sqlite3_stmt *stmt;
    int code = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);

    if (code != SQLITE_OK)
        return code;
    if (sqlite3_step(stmt) == SQLITE_ROW)
        *out = sqlite3_column_int(stmt, 0);
    return sqlite3_finalize(stmt);
}

struct state {
    int application_id;
    int version;
    int tables;
};

static int state_of(sqlite3 *db, struct state *out)
{
    int code;

    if ((code = number_of(db, "PRAGMA application_id", &out->application_id)) != SQLITE_OK)
        return code;
    if ((code = number_of(db, "PRAGMA user_version", &out->version)) != SQLITE_OK)
        return code;
    return number_of(db, "SELECT count(*) FROM sqlite_schema", &out->tables);
}

static int run_pragma(sqlite3 *db, const char *name, int value)
{
    char sql[64];

    snprintf(sql, sizeof sql, "PRAGMA %s = %d", name, value);
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static int run_statements(sqlite3 *db, int version)
{
    int code = SQLITE_OK;

    for (size_t i = 0; i < STATEMENTS && code == SQLITE_OK; i++) {
        if (statements[i].version == version)
            code = sqlite3_exec(db, statements[i].sql, NULL, NULL, NULL);
    }
    return code;
}

/* One version further, or not at all. */
static int step_to(sqlite3 *db, int version)
{
    int code = sqlite3_exec(db, "BEGIN EXCLUSIVE", NULL, NULL, NULL);

    if (code != SQLITE_OK)
        return code;
    if ((code = run_statements(db, version)) == SQLITE_OK)
        code = run_pragma(db, "application_id", APPLICATION_ID);
    if (code == SQLITE_OK)
        code = run_pragma(db, "user_version", version);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    if (code != SQLITE_OK)
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return code;
}

enum err store_migrate_to(sqlite3 *db, const char *path, int version, struct problem *problem)
{
    struct state state = {0};
    int code = state_of(db, &state);

    if (code != SQLITE_OK)
        return sqlite_conn_problem(code, path, problem);
    if (state.application_id != APPLICATION_ID && (state.tables > 0 || state.version != 0))
        return problem_set(problem, ERR_INVALID, 0,
                           "%.120s is the database of another program: set another path", path);
    if (state.version > version)
        return problem_set(problem, ERR_INVALID, 0,
                           "%.120s has schema %d, this program knows up to %d: use the newer "
                           "program, or restore a copy made before",
                           path, state.version, version);
    while (state.version < version && code == SQLITE_OK)
        code = step_to(db, ++state.version);
    return code == SQLITE_OK ? ERR_NONE : sqlite_conn_problem(code, path, problem);
}

enum err store_migrate(sqlite3 *db, const char *path, struct problem *problem)
{
    return store_migrate_to(db, path, store_migrate_newest(), problem);
}
