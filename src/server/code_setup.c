#include "server/code_setup.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "server/file.h"

#include <stdlib.h>
#include <string.h>

enum { CREDENTIALS_MAX = 1000 };

struct code_setup {
    const struct config *options;
    struct code_limit *limit;
    struct code_sender *sender;
    char user[PARCEL_URL_CAP];
    char password[PARCEL_URL_CAP];
};

/* "user:password" of a mail server, or the token of a web hook. */
static enum err read_credentials(const struct config *config, struct code_setup *setup,
                                 struct problem *problem)
{
    struct buf text = BUF_EMPTY;
    struct str user = STR_EMPTY;
    struct str rest;
    enum err err;

    if (config->verification_credentials[0] == '\0')
        return ERR_NONE;
    if ((err = file_read(config->verification_credentials, CREDENTIALS_MAX, &text, problem)))
        goto out;
    rest = str_trim(buf_str(&text));
    if (config->verification_sender == CODE_WAY_SMTP)
        str_split(&rest, ':', &user);
    if (rest.len == 0 || memchr(rest.ptr, '\n', rest.len) != NULL ||
        !str_copy(user, setup->user, sizeof setup->user) ||
        !str_copy(rest, setup->password, sizeof setup->password))
        err = problem_set(problem, ERR_INVALID, 0,
                          "%.120s: expected one line, user:password for smtp, or a token for "
                          "webhook",
                          config->verification_credentials);
out:
    crypto_wipe(text.ptr, text.len);
    buf_free(&text);
    return err;
}

static struct code_limit *make_limit(const struct config *config)
{
    const struct code_limit_config limit = {
        .account = {(unsigned)config->verification_per_minute,
                    (unsigned)config->verification_per_hour,
                    (unsigned)config->verification_per_day},
        .peer = {(unsigned)config->verification_peer_per_minute,
                 (unsigned)config->verification_peer_per_hour,
                 (unsigned)config->verification_peer_per_day},
        .max_keys = config->verification_keys,
    };

    return code_limit_new(&limit);
}

enum err code_setup_open(const struct config *config, struct outbox *outbox, struct log *log,
                         struct problem *problem, struct code_setup **out)
{
    struct code_setup *setup = alloc_zero(sizeof *setup);
    const struct code_sender_config sender = {
        .way = (enum code_way)config->verification_sender,
        .url = config->verification_url,
        .from = config->verification_from,
        .subject = config->verification_subject,
        .user = setup->user,
        .password = setup->password,
        .is_plain = !config->verification_tls,
        .expiry_ms = config->verification_expiry,
        .outbox = outbox,
        .log = log,
    };
    enum err err = read_credentials(config, setup, problem);

    setup->options = config;
    if (err) {
        code_setup_close(setup);
        return err;
    }
    if (sender.way == CODE_WAY_LOG)
        log_warn(log, "code.log", "hint=\"verification codes go to this log: for development\"");
    setup->sender = code_sender_new(&sender);
    setup->limit = make_limit(config);
    *out = setup;
    return ERR_NONE;
}

void code_setup_close(struct code_setup *setup)
{
    if (setup == NULL)
        return;
    code_sender_free(setup->sender);
    code_limit_free(setup->limit);
    crypto_wipe(setup, sizeof *setup);
    free(setup);
}

struct verification *code_setup_verification(const struct code_setup *setup,
                                             const struct code_setup_desk *desk)
{
    const struct config *options = setup->options;
    const struct verification_config config = {
        .store = desk->store,
        .mailbox = desk->mailbox,
        .limit = setup->limit,
        .sender = setup->sender,
        .metrics = desk->metrics,
        .expiry_ms = options->verification_expiry,
        .max_attempts = (unsigned)options->verification_attempts,
        .reveals = options->account_tell_unknown,
        .region = options->node_region,
    };

    return verification_new(&config);
}

struct enrolment *code_setup_enrolment(const struct code_setup *setup,
                                       const struct code_setup_desk *desk,
                                       struct verification *verification)
{
    const struct enrolment_config config = {
        .store = desk->store,
        .mailbox = desk->mailbox,
        .verification = verification,
        .login = desk->login,
        .metrics = desk->metrics,
        .region = setup->options->node_region,
        .is_open = setup->options->account_register,
    };

    return enrolment_new(&config);
}
