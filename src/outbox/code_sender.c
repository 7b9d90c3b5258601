#include "outbox/code_sender.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "base/json_out.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    DATE_CAP = 40,
    MESSAGE_ID_BYTES = 12,
    MINUTE_MS = 60 * 1000,
    QUOTED_CAP = 160,
};

struct code_sender {
    struct code_sender_config config;
    char authorization[PARCEL_URL_CAP]; /* the web hook's header; empty: none */
};

struct code_sender *code_sender_new(const struct code_sender_config *config)
{
    struct code_sender *sender = alloc_zero(sizeof *sender);

    sender->config = *config;
    if (config->way == CODE_WAY_WEBHOOK && config->password[0] != '\0')
        snprintf(sender->authorization, sizeof sender->authorization, "Authorization: Bearer %s",
                 config->password);
    return sender;
}

void code_sender_free(struct code_sender *sender)
{
    if (sender == NULL)
        return;
    crypto_wipe(sender->authorization, sizeof sender->authorization);
    free(sender);
}

bool code_sender_reaches(const struct code_sender *sender, struct str account)
{
    bool is_address = str_find(account, '@') < account.len;

    return sender->config.way == CODE_WAY_SMTP ? is_address : sender->config.way != CODE_WAY_OFF;
}

const char *code_sender_purpose_name(enum code_purpose purpose)
{
    switch (purpose) {
    case CODE_REGISTER:
        return "register";
    case CODE_RESET:
        return "reset";
    case CODE_CLOSE:
        return "close";
    case CODE_LOGIN:
        return "login";
    }
    return "unknown";
}

static const char *purpose_text(enum code_purpose purpose)
{
    switch (purpose) {
    case CODE_REGISTER:
        return "to create an account with this address";
    case CODE_RESET:
        return "to set a new password for your account";
    case CODE_CLOSE:
        return "to close your account";
    case CODE_LOGIN:
        return "to log in to your account";
    }
    return "for your account";
}

/* RFC 5322, section 3.3. */
static const char *format_date(int64_t wall_ms, char out[DATE_CAP])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm parts;

    gmtime_r(&seconds, &parts);
    strftime(out, DATE_CAP, "%a, %d %b %Y %H:%M:%S +0000", &parts);
    return out;
}

/* "example.org" of "Name <switchyard@example.org>" or of the bare address. */
static struct str domain_of(const char *from)
{
    struct str address = str_of(from);
    size_t at = str_find(address, '@');
    struct str domain = str_sub(address, at < address.len ? at + 1 : at, address.len);

    return str_sub(domain, 0, str_find(domain, '>'));
}

static void format_mail(const struct code_sender *sender, const struct code_message *message,
                        struct buf *out)
{
    const struct code_sender_config *config = &sender->config;
    char date[DATE_CAP];
    char id[2 * MESSAGE_ID_BYTES + 1];
    struct str domain = domain_of(config->from);

    crypto_random_hex(MESSAGE_ID_BYTES, id);
    buf_printf(out,
               "Date: %s\r\nFrom: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%s@" STR_FMT
               ">\r\n"
               "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
               "Content-Transfer-Encoding: 8bit\r\nAuto-Submitted: auto-generated\r\n\r\n",
               format_date(message->wall_ms, date), config->from, message->account, config->subject,
               id, STR_ARG(domain));
    buf_printf(out,
               "%s\r\n\r\nThis is the code %s. It can be used once, within %" PRIu64
               " minutes.\r\n"
               "\r\nIf you did not ask for it, there is nothing to do: without it nothing "
               "happens.\r\n",
               message->code, purpose_text(message->purpose), config->expiry_ms / MINUTE_MS);
}

static void format_json(const struct code_message *message, struct buf *out)
{
    struct json_out json = json_out_to(out);

    json_out_object(&json, NULL);
    json_out_str(&json, "purpose", str_of(code_sender_purpose_name(message->purpose)));
    json_out_str(&json, "to", str_of(message->account));
    json_out_str(&json, "code", str_of(message->code));
    json_out_end_object(&json);
}

/* The bare address, which is what mail servers are told. */
static const char *bare_address(const char *from, char out[PARCEL_ADDRESS_CAP])
{
    struct str address = str_of(from);
    size_t open = str_find(address, '<');

    if (open < address.len) {
        address = str_sub(address, open + 1, address.len);
        address = str_sub(address, 0, str_find(address, '>'));
    }
    str_copy(address, out, PARCEL_ADDRESS_CAP);
    return out;
}

static void on_sent(void *ctx, const struct parcel_result *result)
{
    const struct code_sender *sender = ctx;
    char quoted[QUOTED_CAP];

    if (result->err)
        log_warn(sender->config.log, "code.failed", "status=%u reason=%s", result->status,
                 log_quote(str_of(result->reason), quoted, sizeof quoted));
}

static enum err send_mail(const struct code_sender *sender, const struct code_message *message)
{
    const struct code_sender_config *config = &sender->config;
    char from[PARCEL_ADDRESS_CAP];
    struct buf body = BUF_EMPTY;
    enum err err = ERR_NONE;

    format_mail(sender, message, &body);

    const struct parcel parcel = {
        .kind = PARCEL_MAIL,
        .url = config->url,
        .body = buf_str(&body),
        .from = bare_address(config->from, from),
        .to = message->account,
        .user = config->user,
        .password = config->password,
        .is_plain = config->is_plain,
    };

    if (!message->is_decoy)
        err = outbox_send(config->outbox, NULL, &parcel, on_sent, (void *)(uintptr_t)sender);
    crypto_wipe(body.ptr, body.len);
    buf_free(&body);
    return err;
}

static enum err send_hook(const struct code_sender *sender, const struct code_message *message)
{
    const struct code_sender_config *config = &sender->config;
    struct buf body = BUF_EMPTY;
    enum err err = ERR_NONE;

    format_json(message, &body);

    const struct parcel parcel = {
        .kind = PARCEL_POST,
        .url = config->url,
        .body = buf_str(&body),
        .headers = {sender->authorization[0] == '\0' ? NULL : sender->authorization},
    };

    if (!message->is_decoy)
        err = outbox_send(config->outbox, NULL, &parcel, on_sent, (void *)(uintptr_t)sender);
    crypto_wipe(body.ptr, body.len);
    buf_free(&body);
    return err;
}

/* For development: whoever configures it wants the code there, and nowhere else. */
static enum err send_log(const struct code_sender *sender, const struct code_message *message)
{
    char quoted[QUOTED_CAP];

    if (!message->is_decoy)
        log_info(sender->config.log, "code.sent", "purpose=%s account=%s code=%s",
                 code_sender_purpose_name(message->purpose),
                 log_quote(str_of(message->account), quoted, sizeof quoted), message->code);
    return ERR_NONE;
}

enum err code_sender_send(const struct code_sender *sender, const struct code_message *message)
{
    switch (sender->config.way) {
    case CODE_WAY_OFF:
        return ERR_UNAVAILABLE;
    case CODE_WAY_LOG:
        return send_log(sender, message);
    case CODE_WAY_SMTP:
        return send_mail(sender, message);
    case CODE_WAY_WEBHOOK:
        return send_hook(sender, message);
    }
    return ERR_UNAVAILABLE;
}
