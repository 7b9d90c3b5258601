#include "domain/verification.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "store/store_account_name.h"
#include "store/store_code.h"
#include "store/store_user.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CODES = 1000000, /* VERIFICATION_DIGITS */
    CODE_CAP = VERIFICATION_DIGITS + 1,
    PHONE_DIGITS_MIN = 5,
    PHONE_DIGITS_MAX = 15, /* E.164 */
    HASHED_CAP = STORE_ACCOUNT_CAP + 32,
};

struct verification {
    struct verification_config config;
    size_t waits; /* questions that the store has not answered yet */
};

/* A question that waits for the store. */
struct inquiry {
    struct verification *verification;
    enum code_purpose purpose;
    char account[STORE_ACCOUNT_CAP];
    char region[STORE_REGION_CAP]; /* of an account elsewhere */
    char code[CODE_CAP];
    enum verification_verdict known; /* of the account; VERIFICATION_DONE: as it should be */
    int64_t wall_ms;
    verification_fn on_verdict;
    void *ctx;
};

struct verification *verification_new(const struct verification_config *config)
{
    struct verification *verification = alloc_zero(sizeof *verification);

    verification->config = *config;
    return verification;
}

void verification_free(struct verification *verification)
{
    if (verification == NULL)
        return;
    assert(verification->waits == 0);
    free(verification);
}

bool verification_is_idle(const struct verification *verification)
{
    return verification->waits == 0;
}

static bool is_phone(struct str account)
{
    if (account.len < PHONE_DIGITS_MIN + 1 || account.len > PHONE_DIGITS_MAX + 1)
        return false;
    for (size_t i = 1; i < account.len; i++)
        if (account.ptr[i] < '0' || account.ptr[i] > '9')
            return false;
    return account.ptr[0] == '+';
}

/* What could end an address in a mail's header, or begin another one, is no part of any. */
static bool is_address(struct str account)
{
    static const char never[] = "\"(),:;<>[\\]@";
    size_t at = str_find(account, '@');

    if (at == 0 || at + 1 >= account.len)
        return false;
    for (size_t i = 0; i < account.len; i++) {
        char byte = account.ptr[i];

        if (byte <= ' ' || byte > '~' || (i != at && strchr(never, byte) != NULL))
            return false;
    }
    return true;
}

bool verification_is_account(struct str account)
{
    return account.len > 0 && account.len < STORE_ACCOUNT_CAP &&
           (account.ptr[0] == '+' ? is_phone(account) : is_address(account));
}

/* Account and purpose are hashed too: of equal codes no two rows look alike. */
static void hash_code(const char *account, enum code_purpose purpose, const char *code,
                      uint8_t out[STORE_CODE_HASH_BYTES])
{
    char text[HASHED_CAP];
    int len = snprintf(text, sizeof text, "%u:%s:%s", (unsigned)purpose, account, code);

    static_assert((int)STORE_CODE_HASH_BYTES == (int)CRYPTO_SHA256_BYTES, "SHA-256");
    assert(len > 0 && (size_t)len < sizeof text);
    crypto_sha256((struct str){text, (size_t)len}, out);
    crypto_wipe(text, sizeof text);
}

static void make_code(char out[CODE_CAP])
{
    uint64_t number =
        crypto_random_u64() % CODES; /* 2^64 is so much more that no code is likelier */

    snprintf(out, CODE_CAP, "%0*" PRIu64, VERIFICATION_DIGITS, number % CODES);
}

static struct inquiry *inquiry_new(struct verification *verification,
                                   const struct verification_question *question)
{
    struct inquiry *inquiry = alloc_zero(sizeof *inquiry);

    inquiry->verification = verification;
    inquiry->purpose = question->purpose;
    str_copy(question->account, inquiry->account, sizeof inquiry->account);
    store_account_name_fold(inquiry->account);
    inquiry->wall_ms = question->wall_ms;
    inquiry->on_verdict = question->on_verdict;
    inquiry->ctx = question->ctx;
    verification->waits++;
    return inquiry;
}

static void answer(struct inquiry *inquiry, enum verification_verdict verdict)
{
    struct str region = str_of(verdict == VERIFICATION_ELSEWHERE ? inquiry->region : "");

    inquiry->verification->waits--;
    inquiry->on_verdict(inquiry->ctx, verdict, region);
    crypto_wipe(inquiry, sizeof *inquiry);
    free(inquiry);
}

static void on_created(void *ctx, enum err err)
{
    struct inquiry *inquiry = ctx;
    const struct verification_config *config = &inquiry->verification->config;
    const struct code_message message = {
        .purpose = inquiry->purpose,
        .account = inquiry->account,
        .code = inquiry->code,
        .wall_ms = inquiry->wall_ms,
        .is_decoy = inquiry->known != VERIFICATION_DONE,
    };

    if (err != ERR_NONE) {
        answer(inquiry, VERIFICATION_FAILED);
        return;
    }
    err = code_sender_send(config->sender, &message);
    if (err == ERR_FULL)
        metric_add(config->metrics, METRIC_QUEUE_DROP_OUTBOX, 1);
    else if (err == ERR_NONE)
        metric_add(config->metrics, METRIC_CODE_SENT, !message.is_decoy);
    answer(inquiry, err ? VERIFICATION_NOT_SENT : VERIFICATION_DONE);
}

/* A decoy is as any other, but its text is nobody's. */
static void create_code(struct inquiry *inquiry)
{
    const struct verification_config *config = &inquiry->verification->config;
    struct code_record record = {
        .purpose = inquiry->purpose,
        .expires_ms = inquiry->wall_ms + (int64_t)config->expiry_ms,
    };

    make_code(inquiry->code);
    str_copy(str_of(inquiry->account), record.account, sizeof record.account);
    hash_code(inquiry->account, inquiry->purpose, inquiry->code, record.hash);
    if (inquiry->known != VERIFICATION_DONE)
        crypto_random(record.hash, sizeof record.hash);
    if (store_code_create(config->store, config->mailbox, &record, inquiry->wall_ms, on_created,
                          inquiry))
        answer(inquiry, VERIFICATION_FAILED);
}

static enum verification_verdict judge(const struct inquiry *inquiry,
                                       const struct user_record *user)
{
    const char *region = inquiry->verification->config.region;

    if (inquiry->purpose == CODE_REGISTER)
        return user == NULL ? VERIFICATION_DONE : VERIFICATION_EXISTS;
    if (user == NULL)
        return VERIFICATION_UNKNOWN;
    if (region[0] != '\0' && user->region[0] != '\0' && strcmp(region, user->region) != 0)
        return VERIFICATION_ELSEWHERE;
    return VERIFICATION_DONE;
}

static void on_user(void *ctx, enum err err, const struct user_record *user)
{
    struct inquiry *inquiry = ctx;

    if (err != ERR_NONE && err != ERR_NOT_FOUND) {
        answer(inquiry, VERIFICATION_FAILED);
        return;
    }
    inquiry->known = judge(inquiry, user);
    if (inquiry->verification->config.reveals && inquiry->known != VERIFICATION_DONE) {
        if (inquiry->known == VERIFICATION_ELSEWHERE)
            str_copy(str_of(user->region), inquiry->region, sizeof inquiry->region);
        answer(inquiry, inquiry->known);
        return;
    }
    if (inquiry->known == VERIFICATION_ELSEWHERE)
        inquiry->known = VERIFICATION_DONE; /* the code counts here as well */
    create_code(inquiry);
}

/* What can be said without the store; VERIFICATION_DONE: nothing. */
static enum verification_verdict judge_question(struct verification *verification,
                                                const struct verification_question *question)
{
    const struct verification_config *config = &verification->config;
    char name[STORE_ACCOUNT_CAP];

    if (!verification_is_account(question->account) ||
        !store_account_name_copy(question->account, name))
        return VERIFICATION_INVALID;
    if (!code_sender_reaches(config->sender, question->account))
        return VERIFICATION_NOT_SENT;
    if (!code_limit_take(config->limit, str_of(name), question->peer_ip, question->now_ms)) {
        metric_add(config->metrics, METRIC_CODE_TOO_OFTEN, 1);
        return VERIFICATION_TOO_OFTEN;
    }
    return VERIFICATION_DONE;
}

void verification_ask(struct verification *verification,
                      const struct verification_question *question)
{
    const struct verification_config *config = &verification->config;
    enum verification_verdict verdict = judge_question(verification, question);
    struct inquiry *inquiry;

    if (verdict != VERIFICATION_DONE) {
        question->on_verdict(question->ctx, verdict, STR_EMPTY);
        return;
    }
    inquiry = inquiry_new(verification, question);
    if (store_user_find_account(config->store, config->mailbox, str_of(inquiry->account), on_user,
                                inquiry))
        answer(inquiry, VERIFICATION_FAILED);
}

static void on_guess(void *ctx, enum err err, const struct code_guess *guess)
{
    struct inquiry *inquiry = ctx;
    struct metric_set *metrics = inquiry->verification->config.metrics;

    if (err != ERR_NONE) {
        answer(inquiry, VERIFICATION_FAILED);
        return;
    }
    metric_add(metrics, guess->is_right ? METRIC_CODE_RIGHT : METRIC_CODE_WRONG, 1);
    answer(inquiry, guess->is_right ? VERIFICATION_DONE : VERIFICATION_WRONG);
}

static bool is_code(struct str code)
{
    for (size_t i = 0; i < code.len; i++)
        if (code.ptr[i] < '0' || code.ptr[i] > '9')
            return false;
    return code.len == VERIFICATION_DIGITS;
}

void verification_try(struct verification *verification,
                      const struct verification_question *question, struct str code)
{
    const struct verification_config *config = &verification->config;
    struct code_guess guess = {.purpose = question->purpose,
                               .now_ms = question->wall_ms,
                               .max_attempts = config->max_attempts};
    struct inquiry *inquiry;

    if (!verification_is_account(question->account) || !is_code(code)) {
        question->on_verdict(question->ctx, VERIFICATION_WRONG, STR_EMPTY);
        return;
    }
    inquiry = inquiry_new(verification, question);
    str_copy(code, inquiry->code, sizeof inquiry->code);
    str_copy(str_of(inquiry->account), guess.account, sizeof guess.account);
    hash_code(inquiry->account, question->purpose, inquiry->code, guess.hash);
    if (store_code_try(config->store, config->mailbox, &guess, on_guess, inquiry))
        answer(inquiry, VERIFICATION_FAILED);
}
