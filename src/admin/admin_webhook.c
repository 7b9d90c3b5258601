#include "admin/admin_webhook.h"

#include "admin/admin_list.h"
#include "admin/admin_text.h"
#include "admin/admin_user.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "outbox/outbox_url.h"
#include "outbox/webhook_post.h"

#include <string.h>

enum {
    ID_BYTES = 6,
    RANDOM_SECRET_LEN = 40,
    EVENT_NAME_CAP = 32,
};

static const struct {
    const char *name;
    unsigned kind;
} kinds[] = {
    {"online", WEBHOOKS_ONLINE}, {"offline", WEBHOOKS_OFFLINE}, {"update", WEBHOOKS_UPDATE},
    {"share", WEBHOOKS_SHARE},   {"device", WEBHOOKS_DEVICE},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static void write_kinds(struct json_out *out, unsigned wanted)
{
    json_out_array(out, "events");
    for (size_t i = 0; i < KINDS; i++)
        if ((wanted & kinds[i].kind) != 0)
            json_out_str(out, NULL, str_of(kinds[i].name));
    json_out_end_array(out);
}

static void write_webhook(struct json_out *out, const struct webhook_record *webhook)
{
    json_out_str(out, "id", str_of(webhook->id));
    json_out_str(out, "url", str_of(webhook->url));
    json_out_str(out, "apikey", str_of(webhook->apikey));
    write_kinds(out, webhook->kinds);
    admin_text_time(out, "created_at", webhook->created_ms);
}

static void refuse(struct admin_call *call, enum err err, const char *id)
{
    if (err == ERR_NOT_FOUND)
        admin_call_refuse(call, err, "`switchyard ctl webhook list` shows them all",
                          "there is no webhook '%s'", id);
    else if (err == ERR_FULL)
        admin_call_refuse(call, err, "remove one that is not needed",
                          "there are %d webhooks already", STORE_WEBHOOKS_MAX);
    else
        admin_call_refuse_failure(call, err);
}

static const char *check_url(struct str text)
{
    char url[PARCEL_URL_CAP];

    if (!str_copy(text, url, sizeof url))
        return "an address of at most 1024 characters";
    return outbox_url_check(url, PARCEL_POST);
}

static bool add_kind(struct str name, unsigned *wanted)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (!str_eq(name, str_of(kinds[i].name)))
            continue;
        *wanted |= kinds[i].kind;
        return true;
    }
    return false;
}

/* False when the call has been refused. */
static bool read_kinds(struct admin_call *call, unsigned *wanted)
{
    struct str rest = admin_call_value(call, "event").raw;
    struct json_value item;
    char name[EVENT_NAME_CAP];

    while (json_array_next(&rest, &item)) {
        if (!json_to_text(item, name, sizeof name))
            name[0] = '\0';
        if (add_kind(str_of(name), wanted))
            continue;
        admin_call_refuse(call, ERR_INVALID, "online, offline, update, share or device",
                          "there is no kind of event '%s'", name);
        return false;
    }
    if (*wanted == 0)
        *wanted = WEBHOOKS_ALL;
    return true;
}

static void on_added(void *ctx, enum err err)
{
    struct admin_call *call = ctx;
    struct webhook_record *webhook = admin_call_state(call, sizeof *webhook);
    struct json_out *out;

    if (err) {
        admin_call_refuse_failure(call, err);
        return;
    }
    out = admin_call_begin_result(call);
    write_webhook(out, webhook);
    json_out_str(out, "secret", str_of(webhook->secret));
    crypto_wipe(webhook->secret, sizeof webhook->secret);
    admin_call_finish(call);
}

/* It counts once the outbox knows it. */
static void on_created(void *ctx, enum err err)
{
    struct admin_call *call = ctx;
    const struct webhook_record *webhook = admin_call_state(call, sizeof *webhook);

    if (err)
        refuse(call, err, webhook->id);
    else
        webhooks_reload(admin_call_config(call)->webhooks, admin_call_mailbox(call), on_added,
                        call);
}

static void create(struct admin_call *call)
{
    const struct webhook_record *webhook = admin_call_state(call, sizeof *webhook);
    enum err err = store_webhook_create(admin_call_config(call)->store, admin_call_mailbox(call),
                                        webhook, on_created, call);

    if (err)
        admin_call_refuse_failure(call, err);
}

static void on_user(struct admin_call *call, const struct user_record *user)
{
    struct webhook_record *webhook = admin_call_state(call, sizeof *webhook);

    str_copy(str_of(user->apikey), webhook->apikey, sizeof webhook->apikey);
    create(call);
}

void admin_webhook_add(struct admin_call *call)
{
    struct webhook_record *webhook = admin_call_state(call, sizeof *webhook);

    if (!admin_call_word(call, "url", check_url, webhook->url, sizeof webhook->url) ||
        !admin_call_word(call, "secret", admin_text_check_secret, webhook->secret,
                         sizeof webhook->secret) ||
        !read_kinds(call, &webhook->kinds))
        return;
    if (webhook->secret[0] == '\0')
        admin_text_random(RANDOM_SECRET_LEN, webhook->secret);
    crypto_random_hex(ID_BYTES, webhook->id);
    webhook->created_ms = loop_wall_ms(admin_call_config(call)->loop);
    if (admin_call_has(call, "user"))
        admin_user_resolve(call, "user", on_user);
    else
        create(call);
}

static void write_queue(struct json_out *out, const struct webhook_record *webhook, int64_t wall_ms)
{
    int64_t lag_ms = webhook->oldest_ms == 0 ? 0 : wall_ms - webhook->oldest_ms;

    json_out_int(out, "waiting", (int64_t)webhook->waiting);
    json_out_int(out, "lag_s", lag_ms < 0 ? 0 : lag_ms / 1000);
    json_out_int(out, "dropped", (int64_t)webhook->dropped);
}

static void write_status(struct json_out *out, const struct webhook_line_status *status)
{
    json_out_int(out, "failures", status->failures);
    json_out_str(out, "last_failure", str_of(status->reason));
    admin_text_time(out, "told_at", status->told_ms);
    admin_text_time(out, "retry_at", status->retry_ms);
}

static void on_record(void *ctx, enum err err, const struct webhook_record *webhook)
{
    struct admin_list *list = ctx;
    const struct admin_config *config = admin_call_config(list->call);
    struct webhook_line_status status = {0};
    struct json_out *out;

    if (webhook == NULL) {
        admin_list_on_page(list, err);
        return;
    }
    (void)webhooks_status(config->webhooks, webhook->id, &status); /* else as one never tried */
    out = admin_call_begin_row(list->call);
    write_webhook(out, webhook);
    write_queue(out, webhook, loop_wall_ms(config->loop));
    write_status(out, &status);
    admin_call_end_row(list->call);
    admin_list_on_row(list, webhook->id);
}

static enum err ask_page(struct admin_list *list)
{
    return store_webhook_list(admin_call_config(list->call)->store, admin_call_mailbox(list->call),
                              str_of(list->after), list->page, on_record, list);
}

void admin_webhook_list(struct admin_call *call)
{
    admin_list_start(call, ask_page);
}

static void on_gone(void *ctx, enum err err)
{
    struct admin_call *call = ctx;
    const struct webhook_record *webhook = admin_call_state(call, sizeof *webhook);

    if (err) {
        admin_call_refuse_failure(call, err);
        return;
    }
    json_out_str(admin_call_begin_result(call), "id", str_of(webhook->id));
    admin_call_finish(call);
}

static void on_removed(void *ctx, enum err err)
{
    struct admin_call *call = ctx;
    const struct webhook_record *webhook = admin_call_state(call, sizeof *webhook);

    if (err)
        refuse(call, err, webhook->id);
    else
        webhooks_reload(admin_call_config(call)->webhooks, admin_call_mailbox(call), on_gone, call);
}

void admin_webhook_remove(struct admin_call *call)
{
    struct webhook_record *webhook = admin_call_state(call, sizeof *webhook);
    enum err err;

    if (!admin_call_text(call, "id", webhook->id, sizeof webhook->id))
        return;
    err = store_webhook_remove(admin_call_config(call)->store, admin_call_mailbox(call),
                               str_of(webhook->id), on_removed, call);
    if (err)
        admin_call_refuse_failure(call, err);
}

static void on_tested(void *ctx, const struct parcel_result *result)
{
    struct admin_call *call = ctx;
    const struct webhook_record *webhook = admin_call_state(call, sizeof *webhook);
    struct json_out *out;

    if (result->err) {
        admin_call_refuse(call, result->err, "see docs/webhooks.md for what it should answer",
                          "the server did not take it: %s", result->reason);
        return;
    }
    out = admin_call_begin_result(call);
    json_out_str(out, "id", str_of(webhook->id));
    json_out_int(out, "status", result->status);
    admin_call_finish(call);
}

static void format_test(const struct webhook_record *webhook, int64_t wall_ms, struct buf *body)
{
    struct buf event = BUF_EMPTY;
    struct json_out json = json_out_to(&event);
    char id[CRYPTO_UUID_CAP];
    char at[CLOCK_ISO_CAP];

    crypto_uuid(id);
    clock_format_iso(wall_ms, at);
    json_out_object(&json, NULL);
    json_out_str(&json, "id", str_of(id));
    json_out_str(&json, "type", STR("test"));
    json_out_str(&json, "at", str_of(at));
    json_out_end_object(&json);
    webhook_post_begin(body, webhook->id);
    webhook_post_add(body, 0, buf_str(&event));
    webhook_post_end(body);
    buf_free(&event);
}

static void on_webhook(void *ctx, enum err err, const struct webhook_record *webhook)
{
    struct admin_call *call = ctx;
    const struct admin_config *config = admin_call_config(call);
    const struct webhook_record *asked = admin_call_state(call, sizeof *asked);
    int64_t wall_ms = loop_wall_ms(config->loop);
    struct webhook_post_headers headers;
    struct buf body = BUF_EMPTY;
    struct parcel parcel;

    if (err) {
        refuse(call, err, asked->id);
        return;
    }
    format_test(webhook, wall_ms, &body);
    webhook_post_sign(webhook, wall_ms, buf_str(&body), &headers);
    parcel = webhook_post_parcel(webhook, buf_str(&body), &headers);
    err = outbox_send(config->outbox, admin_call_mailbox(call), &parcel, on_tested, call);
    buf_free(&body);
    if (err)
        admin_call_refuse_failure(call, err);
}

void admin_webhook_test(struct admin_call *call)
{
    struct webhook_record *webhook = admin_call_state(call, sizeof *webhook);
    enum err err;

    if (!admin_call_text(call, "id", webhook->id, sizeof webhook->id))
        return;
    err = store_webhook_find(admin_call_config(call)->store, admin_call_mailbox(call),
                             str_of(webhook->id), on_webhook, call);
    if (err)
        admin_call_refuse_failure(call, err);
}
