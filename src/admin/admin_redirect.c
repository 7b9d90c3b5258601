#include "admin/admin_redirect.h"

#include "admin/admin_text.h"
#include "domain/oauth.h"
#include "store/store_oauth.h"

static const char *check_url(struct str url)
{
    return oauth_is_url(url) ? NULL
                             : "an absolute URL of at most 512 bytes, such as "
                               "https://panel.example.com/done";
}

/* False when the call has been refused. */
static bool read_redirect(struct admin_call *call, struct store_oauth_redirect *out)
{
    return admin_call_word(call, "app", admin_text_check_app_id, out->appid, sizeof out->appid) &&
           admin_call_word(call, "url", check_url, out->url, sizeof out->url);
}

static void refuse(struct admin_call *call, enum err err,
                   const struct store_oauth_redirect *redirect)
{
    if (err == ERR_NOT_FOUND)
        admin_call_refuse(call, err, "`switchyard ctl redirect list` shows an app's",
                          "there is no app '%s', or it has no such URL", redirect->appid);
    else if (err == ERR_EXISTS)
        admin_call_refuse(call, err, NULL, "it is registered already");
    else if (err == ERR_FULL)
        admin_call_refuse(call, err, "remove one", "an app may have %d URLs", STORE_OAUTH_URLS_MAX);
    else
        admin_call_refuse_failure(call, err);
}

static void on_changed(void *ctx, enum err err)
{
    struct admin_call *call = ctx;
    const struct store_oauth_redirect *redirect = admin_call_state(call, sizeof *redirect);
    struct json_out *out;

    if (err) {
        refuse(call, err, redirect);
        return;
    }
    out = admin_call_begin_result(call);
    json_out_str(out, "app", str_of(redirect->appid));
    json_out_str(out, "url", str_of(redirect->url));
    admin_call_finish(call);
}

typedef enum err (*change_fn)(struct store *store, struct mailbox *reply,
                              const struct store_oauth_redirect *redirect, store_done_fn on_done,
                              void *ctx);

static void change(struct admin_call *call, change_fn ask)
{
    struct store_oauth_redirect *redirect = admin_call_state(call, sizeof *redirect);
    enum err err;

    if (!read_redirect(call, redirect))
        return;
    err = ask(admin_call_config(call)->store, admin_call_mailbox(call), redirect, on_changed, call);
    if (err)
        admin_call_refuse_failure(call, err);
}

void admin_redirect_add(struct admin_call *call)
{
    change(call, store_oauth_add);
}

void admin_redirect_remove(struct admin_call *call)
{
    change(call, store_oauth_remove);
}

static void on_record(void *ctx, enum err err, const struct store_oauth_redirect *redirect)
{
    struct admin_call *call = ctx;

    if (redirect != NULL) {
        json_out_str(admin_call_begin_row(call), "url", str_of(redirect->url));
        admin_call_end_row(call);
        return;
    }
    if (err) {
        admin_call_refuse_failure(call, err);
        return;
    }
    admin_call_finish(call);
}

/* At most STORE_OAUTH_URLS_MAX: one page. */
void admin_redirect_list(struct admin_call *call)
{
    char appid[STORE_APP_ID_CAP];
    enum err err;

    if (!admin_call_word(call, "app", admin_text_check_app_id, appid, sizeof appid))
        return;
    err = store_oauth_list(admin_call_config(call)->store, admin_call_mailbox(call), str_of(appid),
                           on_record, call);
    if (err)
        admin_call_refuse_failure(call, err);
}
