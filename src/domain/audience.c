#include "domain/audience.h"

#include "base/pack.h"
#include "domain/account.h"

enum notice { NOTICE_APP_CHANGE, NOTICE_REPORT, NOTICE_PRESENCE };

/* What is told, in either form. */
struct news {
    enum notice kind;
    const struct change *change;
    struct audience_author author;
    bool online;
};

static bool is_author(const struct session *session, const struct audience_author *author)
{
    return session == author->session ||
           (author->conn != 0 && session->events->conn_id(session->ctx) == author->conn);
}

static void tell_session(struct session *session, const struct news *news)
{
    const struct change *change = news->change;

    switch (news->kind) {
    case NOTICE_APP_CHANGE:
        if (!is_author(session, &news->author))
            session->events->on_app_change(session->ctx, change);
        break;
    case NOTICE_REPORT:
        session->events->on_report(session->ctx, change);
        break;
    case NOTICE_PRESENCE:
        session->events->on_presence(session->ctx, change->deviceid, change->owner, news->online);
        break;
    }
}

/* A session may end when it is told. */
static void tell_sessions(struct account *account, const struct news *news)
{
    struct link *next;

    for (struct link *at = account->sessions.next; at != &account->sessions; at = next) {
        next = at->next;
        tell_session(CONTAINER_OF(at, struct session, link), news);
    }
}

static void write_news(struct buf *out, const struct news *news)
{
    pack_int(out, (int64_t)news->author.conn);
    pack_int(out, news->online);
    pack_text(out, news->change->deviceid);
    pack_text(out, news->change->owner);
    pack_text(out, news->change->params);
    pack_text(out, news->change->sequence);
    pack_text(out, news->change->d_seq);
    pack_text(out, news->change->seq);
}

/* Its texts go to *change. */
static bool read_news(struct str body, struct news *news, struct change *change)
{
    struct pack_reader reader = {.rest = body};

    news->author.conn = (uint64_t)pack_read_int(&reader);
    news->online = pack_read_int(&reader) != 0;
    change->deviceid = pack_read_text(&reader);
    change->owner = pack_read_text(&reader);
    change->params = pack_read_text(&reader);
    change->sequence = pack_read_text(&reader);
    change->d_seq = pack_read_text(&reader);
    change->seq = pack_read_text(&reader);
    news->change = change;
    return pack_is_whole(&reader);
}

static void tell_sharees(const struct device *device, const struct news *news)
{
    const struct sharees *sharees = device_sharees(device);
    struct relay_desk *desk = device->accounts->config.desk;
    struct relay_letter letter = {.kind = news->kind};
    struct buf body = BUF_EMPTY;

    write_news(&body, news);
    letter.body = buf_str(&body);
    for (size_t i = 0; i < sharees->count; i++) {
        letter.account = str_of(sharees->items[i].apikey);
        if (relay_tell(desk, &letter) != ERR_NONE)
            continue; /* counted by the relay: that home has no room for more */
    }
    buf_free(&body);
}

/* The sessions come last: what they do may change the device. */
static void tell(struct device *device, const struct news *news)
{
    if (device->is_shared)
        tell_sharees(device, news);
    tell_sessions(device->account, news);
}

void audience_tell_app_change(struct device *device, const struct change *change,
                              const struct audience_author *author)
{
    const struct news news = {.kind = NOTICE_APP_CHANGE, .change = change, .author = *author};

    tell(device, &news);
}

void audience_tell_report(struct device *device, const struct change *change)
{
    const struct news news = {.kind = NOTICE_REPORT, .change = change};

    tell(device, &news);
}

void audience_tell_presence(struct device *device, bool online)
{
    const struct change change = {
        .deviceid = str_of(device->id),
        .owner = str_of(device->account->apikey),
    };
    const struct news news = {.kind = NOTICE_PRESENCE, .change = &change, .online = online};

    tell(device, &news);
}

void audience_hear(struct accounts *accounts, const struct relay_letter *letter)
{
    struct account *account = map_find(accounts->by_apikey, letter->account);
    struct news news = {.kind = (enum notice)letter->kind};
    struct change change = {0};

    if (account != NULL && letter->kind <= NOTICE_PRESENCE &&
        read_news(letter->body, &news, &change))
        tell_sessions(account, &news);
}
