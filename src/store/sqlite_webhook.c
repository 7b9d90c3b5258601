/*
 * A queue is the rows of its webhook, from the first that waits to next_number: told from the
 * front, joined at the end, and shortened at the front when it is too long.
 */
#include "base/alloc.h"
#include "store/sqlite_group.h"
#include "store/sqlite_key.h"
#include "store/sqlite_read.h"
#include "store/sqlite_resource.h"
#include "store/store_webhook_verb.h"

#include <string.h>

enum statement {
    FIND,
    LIST,
    COUNT,
    CREATE,
    REMOVE,
    CLEAR,
    NOTE_DROPPED,
    MATCH,
    JOIN,
    SHORTEN,
    GROW,
    READ,
    STATEMENTS
};

#define COLUMNS                                                                                    \
    "SELECT webhook.id, coalesce(user.apikey, ''), webhook.url, webhook.secret, webhook.kinds, "   \
    "webhook.created_ms, webhook.next_number, webhook.dropped, "                                   \
    "(SELECT min(number) FROM webhook_event WHERE webhook_event.webhook = webhook.number), "       \
    "(SELECT at_ms FROM webhook_event WHERE webhook_event.webhook = webhook.number "               \
    "ORDER BY webhook_event.number LIMIT 1) "                                                      \
    "FROM webhook LEFT JOIN user ON user.number = webhook.user "

static const char *const texts[STATEMENTS] = {
    [FIND] = COLUMNS "WHERE webhook.id = ?1",
    [LIST] = COLUMNS "WHERE webhook.id > ?1 ORDER BY webhook.id",
    [COUNT] = "SELECT count(*) FROM webhook",
    [CREATE] =
        "INSERT INTO webhook (id, user, url, secret, kinds, next_number, dropped, created_ms) "
        "VALUES (?1, ?2, ?3, ?4, ?5, 1, 0, ?6)",
    [CLEAR] =
        "DELETE FROM webhook_event "
        "WHERE webhook = (SELECT number FROM webhook WHERE id = ?1) AND number <= ?2",
    [REMOVE] = "DELETE FROM webhook WHERE id = ?1",
    [NOTE_DROPPED] = "UPDATE webhook SET dropped = dropped + ?2 WHERE id = ?1",
    [MATCH] =
        "SELECT number, next_number FROM webhook WHERE kinds & ?1 <> 0 AND "
        "(user IS NULL OR user = (SELECT number FROM user WHERE apikey = ?2))",
    [JOIN] = "INSERT INTO webhook_event (webhook, number, at_ms, body) VALUES (?1, ?2, ?3, ?4)",
    [SHORTEN] = "DELETE FROM webhook_event WHERE webhook = ?1 AND number <= ?2",
    [GROW] =
        "UPDATE webhook SET next_number = next_number + 1, dropped = dropped + ?2 "
        "WHERE number = ?1",
    [READ] =
        "SELECT number, at_ms, body FROM webhook_event "
        "WHERE webhook = (SELECT number FROM webhook WHERE id = ?1) ORDER BY number",
};

static sqlite3_stmt *use(struct sqlite_conn *conn, enum statement number)
{
    return sqlite_conn_use(conn, STORE_WEBHOOK, number, texts[number]);
}

static bool read_webhook(sqlite3_stmt *stmt, void *record)
{
    struct webhook_record *out = record;
    uint64_t first = (uint64_t)sqlite3_column_int64(stmt, 8);

    out->kinds = (unsigned)sqlite3_column_int(stmt, 4);
    out->created_ms = sqlite3_column_int64(stmt, 5);
    out->next_number = (uint64_t)sqlite3_column_int64(stmt, 6);
    out->dropped = (uint64_t)sqlite3_column_int64(stmt, 7);
    out->waiting = first == 0 ? 0 : out->next_number - first;
    out->oldest_ms = sqlite3_column_int64(stmt, 9);
    return sqlite_conn_text(stmt, 0, out->id, sizeof out->id) &&
           sqlite_conn_text(stmt, 1, out->apikey, sizeof out->apikey) &&
           sqlite_conn_text(stmt, 2, out->url, sizeof out->url) &&
           sqlite_conn_text(stmt, 3, out->secret, sizeof out->secret);
}

static enum err find(struct sqlite_conn *conn, struct store_request *request)
{
    struct webhook_record *webhook = request->args;
    sqlite3_stmt *stmt = use(conn, FIND);

    sqlite_conn_bind_text(stmt, 1, webhook->id);
    return sqlite_read_one(conn, stmt, read_webhook, webhook);
}

static enum err list(struct sqlite_conn *conn, struct store_request *request)
{
    return sqlite_read_list(conn, use(conn, LIST), read_webhook, request);
}

static enum err create(struct sqlite_conn *conn, struct store_request *request)
{
    const struct webhook_record *webhook = request->args;
    sqlite3_stmt *stmt = use(conn, CREATE);
    int64_t count;
    enum err err;

    if ((err = sqlite_read_one(conn, use(conn, COUNT), sqlite_read_count, &count)))
        return err;
    if (count >= STORE_WEBHOOKS_MAX)
        return ERR_FULL;
    if ((err = sqlite_key_bind_user(conn, stmt, 2, webhook->apikey)))
        return err;
    sqlite_conn_bind_text(stmt, 1, webhook->id);
    sqlite_conn_bind_text(stmt, 3, webhook->url);
    sqlite_conn_bind_text(stmt, 4, webhook->secret);
    sqlite_conn_bind_int(stmt, 5, webhook->kinds);
    sqlite_conn_bind_int(stmt, 6, webhook->created_ms);
    return sqlite_conn_run(conn, stmt);
}

/* Takes the events up to that number out of a queue. */
static enum err clear(struct sqlite_conn *conn, const char *id, int64_t through)
{
    sqlite3_stmt *stmt = use(conn, CLEAR);

    sqlite_conn_bind_text(stmt, 1, id);
    sqlite_conn_bind_int(stmt, 2, through);
    return sqlite_conn_run(conn, stmt);
}

static enum err remove_all(struct sqlite_conn *conn, struct store_request *request)
{
    const struct webhook_end *end = request->args;
    sqlite3_stmt *stmt = use(conn, REMOVE);
    enum err err;

    if ((err = clear(conn, end->id, INT64_MAX)))
        return err;
    sqlite_conn_bind_text(stmt, 1, end->id);
    return sqlite_conn_change(conn, stmt);
}

static enum err remove_whole(struct sqlite_conn *conn, struct store_request *request)
{
    return sqlite_group_whole(conn, remove_all, request);
}

static enum err end_all(struct sqlite_conn *conn, struct store_request *request)
{
    const struct webhook_end *end = request->args;
    sqlite3_stmt *stmt = use(conn, NOTE_DROPPED);
    enum err err;

    if ((err = clear(conn, end->id, (int64_t)end->through)))
        return err;
    sqlite_conn_bind_text(stmt, 1, end->id);
    sqlite_conn_bind_int(stmt, 2, end->is_dropped ? sqlite3_changes(conn->db) : 0);
    return sqlite_conn_change(conn, stmt);
}

static enum err end_whole(struct sqlite_conn *conn, struct store_request *request)
{
    return sqlite_group_whole(conn, end_all, request);
}

/* A webhook that is told: its number, and that of the event. */
struct match {
    int64_t webhook;
    int64_t next_number;
};

struct matches {
    struct match items[STORE_WEBHOOKS_MAX];
    size_t count;
};

static enum err find_matches(struct sqlite_conn *conn, const struct store_webhook_telling *telling,
                             struct matches *out)
{
    sqlite3_stmt *stmt = use(conn, MATCH);
    enum err err;

    out->count = 0;
    sqlite_conn_bind_int(stmt, 1, telling->event.kind);
    sqlite_conn_bind_text(stmt, 2, telling->apikey);
    while ((err = sqlite_conn_step(conn, stmt)) == ERR_NONE && out->count < STORE_WEBHOOKS_MAX)
        out->items[out->count++] =
            (struct match){sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1)};
    if (err == ERR_NONE)
        sqlite3_reset(stmt);
    return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

static enum err join(struct sqlite_conn *conn, const struct webhook_event *event,
                     const struct match *match)
{
    sqlite3_stmt *stmt = use(conn, JOIN);

    sqlite_conn_bind_int(stmt, 1, match->webhook);
    sqlite_conn_bind_int(stmt, 2, match->next_number);
    sqlite_conn_bind_int(stmt, 3, event->at_ms);
    sqlite_conn_bind_str(stmt, 4, event->body);
    return sqlite_conn_run(conn, stmt);
}

/* So that with the one that joins it is as long as it may be; *dropped: how many went. */
static enum err shorten(struct sqlite_conn *conn, const struct webhook_event *event,
                        const struct match *match, int *dropped)
{
    sqlite3_stmt *stmt = use(conn, SHORTEN);
    enum err err;

    sqlite_conn_bind_int(stmt, 1, match->webhook);
    sqlite_conn_bind_int(stmt, 2, match->next_number - (int64_t)event->max_waiting);
    err = sqlite_conn_run(conn, stmt);
    *dropped = err ? 0 : sqlite3_changes(conn->db);
    return err;
}

static enum err tell_one(struct sqlite_conn *conn, struct store_webhook_telling *telling,
                         const struct match *match)
{
    sqlite3_stmt *stmt;
    int dropped;
    enum err err;

    if ((err = shorten(conn, &telling->event, match, &dropped)))
        return err;
    if ((err = join(conn, &telling->event, match)))
        return err;
    telling->tally.queued++;
    telling->tally.dropped += (unsigned)dropped;
    stmt = use(conn, GROW);
    sqlite_conn_bind_int(stmt, 1, match->webhook);
    sqlite_conn_bind_int(stmt, 2, dropped);
    return sqlite_conn_run(conn, stmt);
}

static enum err tell_each(struct sqlite_conn *conn, struct store_request *request)
{
    struct store_webhook_telling *telling = request->args;
    struct matches matches;
    enum err err = find_matches(conn, telling, &matches);

    for (size_t i = 0; i < matches.count && err == ERR_NONE; i++)
        err = tell_one(conn, telling, &matches.items[i]);
    return err;
}

static enum err tell(struct sqlite_conn *conn, struct store_request *request)
{
    return sqlite_group_whole(conn, tell_each, request);
}

static enum err read_event(sqlite3_stmt *stmt, struct store_webhook_event *event)
{
    const unsigned char *body = sqlite3_column_text(stmt, 2);

    if (body == NULL)
        return ERR_IO;
    event->number = (uint64_t)sqlite3_column_int64(stmt, 0);
    event->at_ms = sqlite3_column_int64(stmt, 1);
    event->body = alloc_text((const char *)body, (size_t)sqlite3_column_bytes(stmt, 2));
    return ERR_NONE;
}

static enum err read(struct sqlite_conn *conn, struct store_request *request)
{
    const struct store_webhook_reading *reading = request->args;
    sqlite3_stmt *stmt = use(conn, READ);
    size_t bytes = 0;
    enum err err = ERR_NONE;

    sqlite_conn_bind_text(stmt, 1, reading->id);
    while (err == ERR_NONE && bytes < STORE_WEBHOOK_READ_BYTES &&
           !store_request_is_complete(request)) {
        if ((err = sqlite_conn_step(conn, stmt)))
            return err == ERR_NOT_FOUND ? ERR_NONE : err;
        bytes += (size_t)sqlite3_column_bytes(stmt, 2);
        err = read_event(stmt, store_request_add(request));
    }
    sqlite3_reset(stmt);
    return err;
}

static const sqlite_verb_fn verbs[STORE_WEBHOOK_VERBS] = {
    [STORE_WEBHOOK_FIND] = find,           [STORE_WEBHOOK_LIST] = list,
    [STORE_WEBHOOK_READ] = read,           [STORE_WEBHOOK_CREATE] = create,
    [STORE_WEBHOOK_REMOVE] = remove_whole, [STORE_WEBHOOK_TELL] = tell,
    [STORE_WEBHOOK_END] = end_whole,
};

const struct sqlite_resource sqlite_webhook = {verbs};
