#include "domain/enrolment.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "store/store_account_name.h"
#include "store/store_password.h"

#include <stdlib.h>
#include <string.h>

struct enrolment {
    struct enrolment_config config;
};

/* A form on its way; owns what it says. */
struct application {
    struct enrolment *enrolment;
    enum code_purpose purpose;
    struct user_record user;
    int64_t wall_ms;
    enrolment_fn on_done;
    void *ctx;
    size_t len;
    char password[];
};

struct enrolment *enrolment_new(const struct enrolment_config *config)
{
    struct enrolment *enrolment = alloc_zero(sizeof *enrolment);

    enrolment->config = *config;
    return enrolment;
}

void enrolment_free(struct enrolment *enrolment)
{
    free(enrolment);
}

bool enrolment_is_open(const struct enrolment *enrolment)
{
    return enrolment->config.is_open;
}

static void end(struct application *application, enum enrolment_verdict verdict)
{
    application->on_done(application->ctx, verdict,
                         verdict == ENROLMENT_DONE ? &application->user : NULL);
    crypto_wipe(application->password, application->len);
    crypto_wipe(&application->user, sizeof application->user);
    free(application);
}

static struct str password_of(const struct application *application)
{
    return (struct str){application->password, application->len};
}

static void on_created(void *ctx, enum err err)
{
    struct application *application = ctx;

    if (err == ERR_EXISTS) {
        end(application, ENROLMENT_EXISTS);
        return;
    }
    if (err == ERR_NONE)
        metric_add(application->enrolment->config.metrics, METRIC_ACCOUNT_REGISTERED, 1);
    end(application, err ? ENROLMENT_FAILED : ENROLMENT_DONE);
}

static void on_hash(void *ctx, enum err err, const char *hash)
{
    struct application *application = ctx;
    const struct enrolment_config *config = &application->enrolment->config;
    struct user_record *user = &application->user;

    if (err == ERR_NONE) {
        crypto_uuid(user->apikey);
        str_copy(str_of(config->region), user->region, sizeof user->region);
        str_copy(str_of(hash), user->password_hash, sizeof user->password_hash);
        user->created_ms = application->wall_ms;
        err = store_user_create(config->store, config->mailbox, user, on_created, application);
    }
    if (err != ERR_NONE)
        end(application, ENROLMENT_FAILED);
}

static void on_renewed(void *ctx, enum err err)
{
    struct application *application = ctx;

    if (err == ERR_NONE)
        metric_add(application->enrolment->config.metrics, METRIC_ACCOUNT_RESET, 1);
    if (err == ERR_NOT_FOUND)
        end(application, ENROLMENT_UNKNOWN);
    else
        end(application, err ? ENROLMENT_FAILED : ENROLMENT_DONE);
}

static void on_user(void *ctx, enum err err, const struct user_record *user)
{
    struct application *application = ctx;

    if (err == ERR_NOT_FOUND) {
        end(application, ENROLMENT_UNKNOWN);
        return;
    }
    if (err == ERR_NONE) {
        application->user = *user;
        err = login_set_password(application->enrolment->config.login, str_of(user->apikey),
                                 password_of(application), on_renewed, application);
    }
    if (err != ERR_NONE)
        end(application, ENROLMENT_FAILED);
}

/* The code is right, and used up: what was asked for is done. */
static enum err go_on(struct application *application)
{
    const struct enrolment_config *config = &application->enrolment->config;

    if (application->purpose == CODE_REGISTER)
        return store_password_hash(config->store, config->mailbox, password_of(application),
                                   on_hash, application);
    return store_user_find_account(config->store, config->mailbox,
                                   str_of(application->user.account), on_user, application);
}

static void on_verdict(void *ctx, enum verification_verdict verdict, struct str region)
{
    struct application *application = ctx;

    (void)region;
    if (verdict == VERIFICATION_WRONG)
        end(application, ENROLMENT_WRONG);
    else if (verdict != VERIFICATION_DONE || go_on(application) != ERR_NONE)
        end(application, ENROLMENT_FAILED);
}

static void apply(struct enrolment *enrolment, enum code_purpose purpose,
                  const struct enrolment_form *form)
{
    struct application *application = alloc_zero(sizeof *application + form->password.len);
    const struct verification_question question = {
        .purpose = purpose,
        .account = form->account,
        .wall_ms = form->wall_ms,
        .on_verdict = on_verdict,
        .ctx = application,
    };

    application->enrolment = enrolment;
    application->purpose = purpose;
    application->wall_ms = form->wall_ms;
    application->on_done = form->on_done;
    application->ctx = form->ctx;
    application->len = form->password.len;
    memcpy(application->password, form->password.ptr, form->password.len);
    str_copy(form->account, application->user.account, sizeof application->user.account);
    store_account_name_fold(application->user.account);
    verification_try(enrolment->config.verification, &question, form->code);
}

static bool is_valid(const struct enrolment *enrolment, const struct enrolment_form *form)
{
    return verification_is_account(form->account) &&
           login_is_password(enrolment->config.login, form->password);
}

void enrolment_register(struct enrolment *enrolment, const struct enrolment_form *form)
{
    if (!enrolment->config.is_open)
        form->on_done(form->ctx, ENROLMENT_CLOSED, NULL);
    else if (!is_valid(enrolment, form))
        form->on_done(form->ctx, ENROLMENT_INVALID, NULL);
    else
        apply(enrolment, CODE_REGISTER, form);
}

void enrolment_reset(struct enrolment *enrolment, const struct enrolment_form *form)
{
    if (!is_valid(enrolment, form))
        form->on_done(form->ctx, ENROLMENT_INVALID, NULL);
    else
        apply(enrolment, CODE_RESET, form);
}
