#include "admin/admin_user.h"

#include "admin/admin_list.h"
#include "admin/admin_text.h"
#include "base/alloc.h"
#include "base/crypto.h"
#include "store/store_account_name.h"
#include "store/store_password.h"
#include "store/store_user.h"

#include <stdlib.h>

enum { PASSWORD_CAP = 130, RANDOM_PASSWORD_LEN = 16 };

/* What user create and user passwd keep while the password is hashed. */
struct user_change {
    struct user_record user;
    char password[PASSWORD_CAP];
    bool is_made; /* by us: to be shown once */
};

static void write_user(struct json_out *out, const struct user_record *user)
{
    json_out_str(out, "apikey", str_of(user->apikey));
    json_out_str(out, "account", str_of(user->account));
    json_out_str(out, "region", str_of(user->region));
    json_out_bool(out, "has_password", user->password_hash[0] != '\0');
    admin_text_time(out, "created_at", user->created_ms);
}

static enum err find(const struct admin_call *call, struct str user, store_user_fn on_user,
                     void *ctx)
{
    struct store *store = admin_call_config(call)->store;
    struct mailbox *mailbox = admin_call_mailbox(call);

    if (admin_text_check_apikey(user) == NULL)
        return store_user_find(store, mailbox, user, on_user, ctx);
    if (admin_text_check_account(user) == NULL)
        return store_user_find_account(store, mailbox, user, on_user, ctx);
    return ERR_INVALID;
}

enum err admin_user_find(struct admin_call *call, struct str user, store_user_fn go_on)
{
    return find(call, user, go_on, call);
}

static void refuse(struct admin_call *call, enum err err, const char *user)
{
    if (err == ERR_INVALID)
        admin_call_refuse(call, err,
                          "give an e-mail address, a phone number as +861351..., or an "
                          "apikey (a UUID in lower case)",
                          "'%s' can't be a user", user);
    else if (err == ERR_NOT_FOUND)
        admin_call_refuse(call, err, "`switchyard ctl user list` shows them all",
                          "there is no user '%s'", user);
    else
        admin_call_refuse_failure(call, err);
}

/* A user who is looked for on a call's behalf. */
struct search {
    struct admin_call *call;
    admin_user_fn go_on;
    char user[ADMIN_USER_CAP]; /* as given */
};

static void on_searched(void *ctx, enum err err, const struct user_record *user)
{
    struct search *search = ctx;

    if (err)
        refuse(search->call, err, search->user);
    else
        search->go_on(search->call, user);
    free(search);
}

void admin_user_resolve(struct admin_call *call, const char *name, admin_user_fn go_on)
{
    struct search *search = alloc_zero(sizeof *search);
    enum err err;

    search->call = call;
    search->go_on = go_on;
    if (!admin_call_text(call, name, search->user, sizeof search->user)) {
        free(search);
        return;
    }
    err = find(call, str_of(search->user), on_searched, search);
    if (err) {
        refuse(call, err, search->user);
        free(search);
    }
}

/* False when the call has been refused. */
static bool read_password(struct admin_call *call, struct user_change *change)
{
    if (!admin_call_word(call, "password", admin_text_check_password, change->password,
                         sizeof change->password))
        return false;
    change->is_made = !admin_call_has(call, "password");
    if (change->is_made)
        admin_text_random(RANDOM_PASSWORD_LEN, change->password);
    return true;
}

static void finish_change(struct admin_call *call, struct user_change *change)
{
    struct json_out *out = admin_call_begin_result(call);

    write_user(out, &change->user);
    if (change->is_made)
        json_out_str(out, "password", str_of(change->password));
    crypto_wipe(change->password, sizeof change->password);
    admin_call_finish(call);
}

static void on_created(void *ctx, enum err err)
{
    struct admin_call *call = ctx;
    struct user_change *change = admin_call_state(call, sizeof *change);

    if (err == ERR_EXISTS)
        admin_call_refuse(call, err, "`switchyard ctl user list` shows them all",
                          "the account '%s' or its apikey is taken", change->user.account);
    else if (err)
        admin_call_refuse_failure(call, err);
    else
        finish_change(call, change);
}

/* False when the call has been refused. */
static bool take_hash(struct admin_call *call, enum err err, const char *hash)
{
    struct user_change *change = admin_call_state(call, sizeof *change);

    if (err == ERR_NONE &&
        str_copy(str_of(hash), change->user.password_hash, sizeof change->user.password_hash))
        return true;
    admin_call_refuse_failure(call, err ? err : ERR_INTERNAL);
    return false;
}

static void on_hash_for_create(void *ctx, enum err err, const char *hash)
{
    struct admin_call *call = ctx;
    struct user_change *change = admin_call_state(call, sizeof *change);

    if (!take_hash(call, err, hash))
        return;
    err = store_user_create(admin_call_config(call)->store, admin_call_mailbox(call), &change->user,
                            on_created, call);
    if (err)
        admin_call_refuse_failure(call, err);
}

/* False when the call has been refused. */
static bool read_user(struct admin_call *call, struct user_record *user)
{
    const struct admin_config *config = admin_call_config(call);

    if (!admin_call_word(call, "account", admin_text_check_account, user->account,
                         sizeof user->account) ||
        !admin_call_word(call, "apikey", admin_text_check_apikey, user->apikey,
                         sizeof user->apikey) ||
        !admin_call_word(call, "region", admin_text_check_region, user->region,
                         sizeof user->region))
        return false;
    store_account_name_fold(user->account);
    if (user->apikey[0] == '\0')
        crypto_uuid(user->apikey);
    if (user->region[0] == '\0')
        str_copy(str_of(config->region), user->region, sizeof user->region);
    user->created_ms = loop_wall_ms(config->loop);
    return true;
}

void admin_user_create(struct admin_call *call)
{
    struct user_change *change = admin_call_state(call, sizeof *change);
    enum err err;

    if (!read_user(call, &change->user) || !read_password(call, change))
        return;
    err = store_password_hash(admin_call_config(call)->store, admin_call_mailbox(call),
                              str_of(change->password), on_hash_for_create, call);
    if (err)
        admin_call_refuse_failure(call, err);
}

static void on_record(void *ctx, enum err err, const struct user_record *user)
{
    struct admin_list *list = ctx;

    if (user == NULL) {
        admin_list_on_page(list, err);
        return;
    }
    write_user(admin_call_begin_row(list->call), user);
    admin_call_end_row(list->call);
    admin_list_on_row(list, user->apikey);
}

static enum err ask_page(struct admin_list *list)
{
    return store_user_list(admin_call_config(list->call)->store, admin_call_mailbox(list->call),
                           str_of(list->after), list->page, on_record, list);
}

void admin_user_list(struct admin_call *call)
{
    admin_list_start(call, ask_page);
}

static void on_password_set(void *ctx, enum err err)
{
    struct admin_call *call = ctx;
    struct user_change *change = admin_call_state(call, sizeof *change);

    if (err)
        refuse(call, err, change->user.account);
    else
        finish_change(call, change);
}

static void on_hash_for_passwd(void *ctx, enum err err, const char *hash)
{
    struct admin_call *call = ctx;
    struct user_change *change = admin_call_state(call, sizeof *change);

    if (!take_hash(call, err, hash))
        return;
    err = store_user_set_password(admin_call_config(call)->store, admin_call_mailbox(call),
                                  &change->user, on_password_set, call);
    if (err)
        admin_call_refuse_failure(call, err);
}

static void on_user(struct admin_call *call, const struct user_record *user)
{
    struct user_change *change = admin_call_state(call, sizeof *change);
    enum err err;

    change->user = *user;
    err = store_password_hash(admin_call_config(call)->store, admin_call_mailbox(call),
                              str_of(change->password), on_hash_for_passwd, call);
    if (err)
        admin_call_refuse_failure(call, err);
}

void admin_user_passwd(struct admin_call *call)
{
    struct user_change *change = admin_call_state(call, sizeof *change);

    if (!read_password(call, change))
        return;
    if (admin_call_has(call, "password") == admin_call_flag(call, "generate"))
        admin_call_refuse(call, ERR_INVALID, NULL, "give either 'password' or 'generate'");
    else
        admin_user_resolve(call, "user", on_user);
}
