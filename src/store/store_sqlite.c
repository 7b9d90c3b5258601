/*
 * store_sqlite - the backend of one SQLite file in WAL mode: a writing connection, and a reading
 * one for each reader thread, which see what has been committed.
 *
 * synchronous=FULL: a commit returns when its pages have reached the disk, so that neither kill -9
 * nor a power failure takes back what has been answered.
 */
#include "store/store_backend.h"

#include "base/alloc.h"
#include "store/sqlite_group.h"
#include "store/sqlite_resource.h"
#include "store/store_journal.h"
#include "store/store_migrate.h"
#include "store/store_scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct store_sqlite {
    char scratch[STORE_SCRATCH_CAP]; /* path of a file that goes when this closes; or empty */
    int lock_fd;                     /* its lock ends with this process, however that ends */
    struct sqlite_conn writer;
    struct store_journal *journal;
    struct sqlite_conn readers[STORE_READERS];
};

enum {
    JOURNAL_BYTES = 8 * 1024 * 1024,
    RESTING_CACHE_BYTES = 1024 * 1024, /* of each connection */
};

/* The log grows to four times the default before it is folded into the file: 200,000 devices
 * changed at random then take about half again as many changes a second. */
#define WRITER_SETUP                                                                               \
    "PRAGMA foreign_keys = ON;"                                                                    \
    "PRAGMA temp_store = MEMORY;"                                                                  \
    "PRAGMA cache_size = -8192;"                                                                   \
    "PRAGMA wal_autocheckpoint = 4000;" /* pages: 16 MB */                                         \
    "PRAGMA journal_size_limit = 67108864;"

static const char kept_setup[] = "PRAGMA synchronous = FULL;" WRITER_SETUP;
static const char scratch_setup[] = "PRAGMA synchronous = OFF;" WRITER_SETUP;

static const char reader_setup[] =
    "PRAGMA query_only = ON;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA cache_size = -8192;";

static enum err file_problem(int error, const char *path, struct problem *problem)
{
    if (error == ENOENT || error == ENOTDIR)
        return problem_set(problem, ERR_IO, 0, "%.120s: its directory does not exist: create it",
                           path);
    if (error == EACCES || error == EPERM)
        return problem_set(problem, ERR_IO, 0,
                           "%.120s: no permission: let this user own the file and its directory",
                           path);
    if (error == EROFS)
        return problem_set(problem, ERR_IO, 0, "%.120s: the file system is mounted read-only",
                           path);
    if (error == EISDIR)
        return problem_set(problem, ERR_INVALID, 0,
                           "%.120s is a directory: give the path of a file", path);
    return problem_set(problem, ERR_IO, 0, "%.120s: %s", path, strerror(error));
}

/* Made for this user alone if it was not there. */
static int open_file(const char *path)
{
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
}

/* A file of its own carries the lock, as closing any descriptor of the database would end
 * SQLite's locks on it. It stays: to remove it would race with the next server. */
static enum err lock_path(const char *path, struct problem *problem, int *out)
{
    char target[PATH_MAX]; /* where a link leads, so that both names have one lock */
    char lock[PATH_MAX];
    const char *name = realpath(path, target) == NULL ? path : target;
    enum err err;
    int fd;

    if ((size_t)snprintf(lock, sizeof lock, "%s.lock", name) >= sizeof lock)
        return file_problem(ENAMETOOLONG, path, problem);
    if ((fd = open_file(lock)) < 0)
        return file_problem(errno, path, problem);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        *out = fd;
        return ERR_NONE;
    }
    err = errno == EWOULDBLOCK
              ? problem_set(problem, ERR_BUSY, 0,
                            "another server uses %.120s: stop it, or set another path", path)
              : file_problem(errno, lock, problem);
    close(fd);
    return err;
}

/* So that SQLite does not make the file with a mode that lets others read secrets. */
static enum err make_file(const char *path, struct log *log, struct problem *problem)
{
    int fd = open_file(path);
    struct stat status;

    if (fd < 0)
        return file_problem(errno, path, problem);
    if (fstat(fd, &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        log_warn(log, "store.readable", "mode=%03o advice=\"chmod 600: it holds secrets\"",
                 (unsigned)status.st_mode & 0777);
    close(fd);
    return ERR_NONE;
}

static enum err use_wal(struct sqlite_conn *conn, const char *path, struct problem *problem)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(conn->db, "PRAGMA journal_mode = WAL", -1, &stmt, NULL);
    char mode[16] = "";
    bool is_read;

    if (code != SQLITE_OK)
        return sqlite_conn_problem(code, path, problem);
    is_read = sqlite3_step(stmt) == SQLITE_ROW && sqlite_conn_text(stmt, 0, mode, sizeof mode);
    code = sqlite3_finalize(stmt);
    if (code != SQLITE_OK)
        return sqlite_conn_problem(code, path, problem);
    if (!is_read || strcmp(mode, "wal") != 0)
        return problem_set(problem, ERR_IO, 0,
                           "%.120s: no write-ahead log here: use a local file system", path);
    return ERR_NONE;
}

/* Nothing is written before store_migrate() has found that the file is ours. */
static enum err open_writer(struct sqlite_conn *conn, const char *path, const char *setup,
                            struct problem *problem)
{
    enum err err;

    if ((err = sqlite_conn_open(conn, path, SQLITE_OPEN_READWRITE, setup, problem)))
        return err;
    if ((err = store_migrate(conn->db, path, problem)))
        return err;
    return use_wal(conn, path, problem);
}

static enum err open_readers(struct store_sqlite *sqlite, const char *path, struct problem *problem)
{
    enum err err = ERR_NONE;

    for (size_t i = 0; i < STORE_READERS && err == ERR_NONE; i++) {
        struct sqlite_conn *conn = &sqlite->readers[i];

        conn->overlay = store_journal_overlay(sqlite->journal);
        err = sqlite_conn_open(conn, path, SQLITE_OPEN_READONLY, reader_setup, problem);
    }
    return err;
}

static enum err sqlite_begin(void *state)
{
    return sqlite_group_begin(&((struct store_sqlite *)state)->writer);
}

/* Outside of its transaction a change would be committed alone, before the group's answer. */
static enum err sqlite_change(void *state, struct store_request *request)
{
    struct sqlite_conn *writer = &((struct store_sqlite *)state)->writer;

    return sqlite_group_is_lost(writer) ? ERR_IO : sqlite_resource_carry_out(writer, request);
}

static enum err sqlite_commit(void *state)
{
    struct store_sqlite *sqlite = state;
    enum err err = store_journal_write(sqlite->journal);

    if (err == ERR_NONE)
        err = sqlite_group_commit(&sqlite->writer);
    else
        sqlite_group_undo(&sqlite->writer);
    store_journal_end(sqlite->journal, err == ERR_NONE);
    return err;
}

/* Of pages that were read for the moment's load; a few stay, so that a call now and then costs
 * no more than it needs. */
static void give_memory_back(struct sqlite_conn *conn)
{
    int used = 0;
    int most = 0;

    sqlite3_db_status(conn->db, SQLITE_DBSTATUS_CACHE_USED, &used, &most, 0);
    if (used <= RESTING_CACHE_BYTES)
        return;
    sqlite3_db_release_memory(conn->db);
    alloc_trim();
}

static enum err sqlite_rest(void *state, bool *more)
{
    struct store_sqlite *sqlite = state;
    enum err err;

    *more = store_journal_rest(sqlite->journal);
    if (!*more) {
        give_memory_back(&sqlite->writer);
        return ERR_NONE;
    }
    err = sqlite_begin(sqlite);
    return err ? err : sqlite_commit(sqlite);
}

/* What can't be folded now is folded when the file is opened again. */
static void fold_all(struct store_sqlite *sqlite)
{
    bool more = true;

    while (more && sqlite_rest(sqlite, &more) == ERR_NONE)
        continue;
    store_journal_close(sqlite->journal);
}

/* The writer is the last: it then folds the write-ahead log into the file. */
static void sqlite_close(void *state)
{
    struct store_sqlite *sqlite = state;

    if (sqlite->journal != NULL)
        fold_all(sqlite);
    for (size_t i = 0; i < STORE_READERS; i++)
        sqlite_conn_close(&sqlite->readers[i]);
    sqlite_conn_close(&sqlite->writer);
    if (sqlite->lock_fd >= 0)
        close(sqlite->lock_fd);
    if (sqlite->scratch[0] != '\0')
        store_scratch_remove(sqlite->scratch);
    free(sqlite);
}

static size_t journal_bytes(const struct store_config *config)
{
    return config->journal_bytes == 0 ? JOURNAL_BYTES : config->journal_bytes;
}

static enum err open_at(struct store_sqlite *sqlite, const struct store_config *config,
                        const char *path, struct problem *problem)
{
    struct sqlite_conn *writer = &sqlite->writer;
    bool is_kept = config->path != NULL;
    enum err err;

    if ((err = lock_path(path, problem, &sqlite->lock_fd)))
        return err;
    if ((err = make_file(path, config->log, problem)))
        return err;
    if ((err = open_writer(writer, path, is_kept ? kept_setup : scratch_setup, problem)))
        return err;
    if ((err = store_journal_open(writer, journal_bytes(config), problem, &sqlite->journal)))
        return err;
    writer->journal = sqlite->journal;
    return open_readers(sqlite, path, problem);
}

static enum err sqlite_open(const struct store_config *config, struct problem *problem, void **out)
{
    struct store_sqlite *sqlite = alloc_zero(sizeof *sqlite);
    const char *path = config->path;
    enum err err = ERR_NONE;

    sqlite->lock_fd = -1;
    sqlite->writer.log = config->log;
    for (size_t i = 0; i < STORE_READERS; i++)
        sqlite->readers[i].log = config->log;
    if (path == NULL) {
        err = store_scratch_make(sqlite->scratch, problem);
        path = sqlite->scratch;
    }
    if (err == ERR_NONE)
        err = open_at(sqlite, config, path, problem);
    if (err == ERR_NONE)
        *out = sqlite;
    else
        sqlite_close(sqlite);
    return err;
}

/* To set the version to what it is writes the first page all the same. */
static enum err sqlite_probe(void *state)
{
    struct store_sqlite *sqlite = state;
    char sql[64];

    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", store_migrate_newest());
    return sqlite3_exec(sqlite->writer.db, sql, NULL, NULL, NULL) == SQLITE_OK ? ERR_NONE : ERR_IO;
}

static enum err sqlite_read(void *state, unsigned reader, struct store_request *request)
{
    return sqlite_resource_carry_out(&((struct store_sqlite *)state)->readers[reader], request);
}

static void sqlite_rest_reader(void *state, unsigned reader)
{
    give_memory_back(&((struct store_sqlite *)state)->readers[reader]);
}

const struct store_backend store_sqlite_backend = {
    .open = sqlite_open,
    .close = sqlite_close,
    .begin = sqlite_begin,
    .change = sqlite_change,
    .commit = sqlite_commit,
    .probe = sqlite_probe,
    .rest = sqlite_rest,
    .read = sqlite_read,
    .rest_reader = sqlite_rest_reader,
};
