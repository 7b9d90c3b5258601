#include "admin/admin_token.h"

#include "admin/admin_event.h"
#include "admin/admin_text.h"
#include "admin/admin_user.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "store/store_app.h"
#include "store/store_token.h"
#include "store/store_user.h"

#include <assert.h>

enum {
    TOKEN_BYTES = 20,
    TOKEN_CAP = 258, /* one byte more than may be given, so that the check sees it */
    KIND_CAP = 16,
    TTL_CAP = 24,
    HOUR_MS = 60 * 60 * 1000,
    DAY_HOURS = 24,
    ACCESS_DAYS = 30,
    REFRESH_DAYS = 60,
    MAX_DAYS = 3660,
};

struct issue {
    struct token_record record;
    char text[TOKEN_CAP];
    char account[STORE_ACCOUNT_CAP];
};

static uint64_t days_ms(uint64_t days)
{
    return days * DAY_HOURS * HOUR_MS;
}

static const char *kind_name(enum token_kind kind)
{
    return kind == TOKEN_ACCESS ? "access" : "refresh";
}

static void hash_token(const char *text, struct token_record *record)
{
    static_assert((int)STORE_TOKEN_HASH_BYTES == (int)CRYPTO_SHA256_BYTES,
                  "tokens are stored as SHA-256");
    crypto_sha256(str_of(text), record->hash);
}

static void write_token(struct json_out *out, const struct token_record *record)
{
    json_out_str(out, "kind", str_of(kind_name(record->kind)));
    json_out_str(out, "apikey", str_of(record->apikey));
    json_out_str(out, "app", str_of(record->appid));
    admin_text_time(out, "issued_at", record->issued_ms);
    admin_text_time(out, "expires_at", record->expires_ms);
}

static void on_issued(void *ctx, enum err err)
{
    struct admin_call *call = ctx;
    struct issue *issue = admin_call_state(call, sizeof *issue);
    struct json_out *out;

    if (err == ERR_EXISTS) {
        admin_call_refuse(call, err, "leave --token out to have one made",
                          "this token has been issued already");
        return;
    }
    if (err) {
        admin_call_refuse_failure(call, err);
        return;
    }
    out = admin_call_begin_result(call);
    json_out_str(out, "token", str_of(issue->text));
    json_out_str(out, "account", str_of(issue->account));
    write_token(out, &issue->record);
    crypto_wipe(issue->text, sizeof issue->text);
    admin_call_finish(call);
}

static void on_app(void *ctx, enum err err, const struct app_record *app)
{
    struct admin_call *call = ctx;
    struct issue *issue = admin_call_state(call, sizeof *issue);

    (void)app;
    if (err == ERR_NOT_FOUND) {
        admin_call_refuse(call, err, "`switchyard ctl app list` shows them all",
                          "there is no app '%s'", issue->record.appid);
        return;
    }
    if (err == ERR_NONE)
        err = store_token_create(admin_call_config(call)->store, admin_call_mailbox(call),
                                 &issue->record, on_issued, call);
    if (err)
        admin_call_refuse_failure(call, err);
}

static void on_user(struct admin_call *call, const struct user_record *user)
{
    struct issue *issue = admin_call_state(call, sizeof *issue);
    enum err err;

    str_copy(str_of(user->apikey), issue->record.apikey, sizeof issue->record.apikey);
    str_copy(str_of(user->account), issue->account, sizeof issue->account);
    err = store_app_find(admin_call_config(call)->store, admin_call_mailbox(call),
                         str_of(issue->record.appid), on_app, call);
    if (err)
        admin_call_refuse_failure(call, err);
}

/* False when the call has been refused. */
static bool read_kind(struct admin_call *call, enum token_kind *out)
{
    char kind[KIND_CAP];

    if (!admin_call_text(call, "kind", kind, sizeof kind))
        return false;
    *out = str_eq(str_of(kind), STR("refresh")) ? TOKEN_REFRESH : TOKEN_ACCESS;
    if (kind[0] == '\0' || str_eq(str_of(kind), str_of(kind_name(*out))))
        return true;
    admin_call_refuse(call, ERR_INVALID, NULL, "'kind' must be access or refresh");
    return false;
}

/* False when the call has been refused. */
static bool read_ttl(struct admin_call *call, enum token_kind kind, uint64_t *out_ms)
{
    char ttl[TTL_CAP];

    if (!admin_call_text(call, "ttl", ttl, sizeof ttl))
        return false;
    *out_ms = days_ms(kind == TOKEN_ACCESS ? ACCESS_DAYS : REFRESH_DAYS);
    if (admin_call_flag(call, "expired"))
        *out_ms = 0;
    if (ttl[0] == '\0' ||
        (clock_parse_duration(str_of(ttl), out_ms) && *out_ms <= days_ms(MAX_DAYS)))
        return true;
    admin_call_refuse(call, ERR_INVALID, "give for example 90s, 12h or 30d",
                      "'ttl' must be a duration of at most %d days", MAX_DAYS);
    return false;
}

void admin_token_issue(struct admin_call *call)
{
    struct issue *issue = admin_call_state(call, sizeof *issue);
    struct token_record *record = &issue->record;
    uint64_t ttl_ms;

    if (!admin_call_word(call, "app", admin_text_check_app_id, record->appid,
                         sizeof record->appid) ||
        !read_kind(call, &record->kind) || !read_ttl(call, record->kind, &ttl_ms) ||
        !admin_call_word(call, "token", admin_text_check_token, issue->text, sizeof issue->text))
        return;
    if (issue->text[0] == '\0')
        crypto_random_hex(TOKEN_BYTES, issue->text);
    hash_token(issue->text, record);
    record->issued_ms = loop_wall_ms(admin_call_config(call)->loop);
    record->expires_ms = record->issued_ms + (int64_t)ttl_ms;
    admin_user_resolve(call, "user", on_user);
}

/* The record of the call's token is looked up; on_token gets it. */
static void find_token(struct admin_call *call, store_token_fn on_token)
{
    struct token_record *record = admin_call_state(call, sizeof *record);
    char text[TOKEN_CAP];
    enum err err;

    if (!admin_call_word(call, "token", admin_text_check_token, text, sizeof text))
        return;
    hash_token(text, record);
    crypto_wipe(text, sizeof text);
    err = store_token_find(admin_call_config(call)->store, admin_call_mailbox(call), record->hash,
                           on_token, call);
    if (err)
        admin_call_refuse_failure(call, err);
}

static void refuse_unknown(struct admin_call *call, enum err err)
{
    if (err == ERR_NOT_FOUND)
        admin_call_refuse(call, err, "check that it was copied whole",
                          "no such token has been issued");
    else
        admin_call_refuse_failure(call, err);
}

static void on_revoked(void *ctx, enum err err)
{
    struct admin_call *call = ctx;
    const struct token_record *record = admin_call_state(call, sizeof *record);
    struct bus_event event = {.topic = BUS_TOKEN_REVOKED};
    struct json_out *out;

    static_assert(BUS_SUBJECT_CAP > 2 * STORE_TOKEN_HASH_BYTES, "the subject holds the hash");
    if (err) {
        refuse_unknown(call, err);
        return;
    }
    out = admin_call_begin_result(call);
    write_token(out, record);
    admin_text_time(out, "revoked_at", record->revoked_ms);
    crypto_hex(record->hash, sizeof record->hash, event.subject);
    str_copy(str_of(record->apikey), event.account, sizeof event.account);
    admin_event_publish_and_finish(call, &event);
}

static void on_token_to_revoke(void *ctx, enum err err, const struct token_record *token)
{
    struct admin_call *call = ctx;
    struct token_record *record = admin_call_state(call, sizeof *record);

    if (err) {
        refuse_unknown(call, err);
        return;
    }
    *record = *token;
    if (record->revoked_ms == 0)
        record->revoked_ms = loop_wall_ms(admin_call_config(call)->loop);
    err = store_token_revoke(admin_call_config(call)->store, admin_call_mailbox(call), record,
                             on_revoked, call);
    if (err)
        admin_call_refuse_failure(call, err);
}

void admin_token_revoke(struct admin_call *call)
{
    find_token(call, on_token_to_revoke);
}

static const char *state_of(const struct token_record *token, int64_t wall_ms)
{
    if (token->revoked_ms != 0)
        return "revoked";
    return token->expires_ms <= wall_ms ? "expired" : "valid";
}

static void on_token_to_check(void *ctx, enum err err, const struct token_record *token)
{
    struct admin_call *call = ctx;
    struct json_out *out;

    if (err) {
        refuse_unknown(call, err);
        return;
    }
    out = admin_call_begin_result(call);
    json_out_str(out, "state",
                 str_of(state_of(token, loop_wall_ms(admin_call_config(call)->loop))));
    write_token(out, token);
    admin_text_time(out, "revoked_at", token->revoked_ms);
    admin_call_finish(call);
}

void admin_token_check(struct admin_call *call)
{
    find_token(call, on_token_to_check);
}
