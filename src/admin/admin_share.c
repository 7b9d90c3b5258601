#include "admin/admin_share.h"

#include "admin/admin_device.h"
#include "admin/admin_list.h"
#include "admin/admin_text.h"
#include "admin/admin_user.h"
#include "domain/permit.h"
#include "domain/share.h"
#include "store/store_device.h"
#include "store/store_share.h"

#include <stdio.h>

enum { ANSWER_MS = 5000 }; /* for the store: nobody is asked to accept */

/* A share to be made or ended. */
struct errand {
    enum share_verb verb;
    char id[STORE_DEVICE_ID_CAP];
    char owner[STORE_APIKEY_CAP];
    char account[STORE_ACCOUNT_CAP];
    char sharee[STORE_APIKEY_CAP];
    char name[STORE_NAME_CAP];
    char note[STORE_NAME_CAP];
    uint64_t permit;
    struct share_call *asked;
};

static void refuse(struct admin_call *call, enum share_outcome outcome)
{
    const struct errand *errand = admin_call_state(call, sizeof *errand);

    switch (outcome) {
    case SHARE_EXISTS:
        admin_call_refuse(call, ERR_EXISTS, NULL, "device '%s' is shared with '%s' already",
                          errand->id, errand->account);
        break;
    case SHARE_MISSING:
        admin_call_refuse(call, ERR_NOT_FOUND, "`switchyard ctl share list` shows them all",
                          "device '%s' is not shared with '%s'", errand->id, errand->account);
        break;
    case SHARE_SELF:
        admin_call_refuse(call, ERR_INVALID, NULL, "device '%s' belongs to '%s'", errand->id,
                          errand->account);
        break;
    case SHARE_FULL:
        admin_call_refuse(call, ERR_FULL, "see limits.device_shares",
                          "device '%s' has as many shares as it may", errand->id);
        break;
    case SHARE_UNKNOWN:
    case SHARE_FORBIDDEN: /* both were there just now */
        admin_call_refuse(call, ERR_NOT_FOUND, NULL, "device '%s' has changed hands meanwhile",
                          errand->id);
        break;
    case SHARE_DONE:
    case SHARE_REFUSED:
    case SHARE_UNANSWERED:
    case SHARE_BUSY:
    case SHARE_FAILED:
        admin_call_refuse_failure(call, outcome == SHARE_BUSY ? ERR_FULL : ERR_INTERNAL);
        break;
    }
}

static void on_outcome(void *ctx, enum share_outcome outcome)
{
    struct admin_call *call = ctx;
    const struct errand *errand = admin_call_state(call, sizeof *errand);
    struct json_out *out;

    if (outcome != SHARE_DONE) {
        refuse(call, outcome);
        return;
    }
    out = admin_call_begin_result(call);
    json_out_str(out, "device", str_of(errand->id));
    json_out_str(out, "owner", str_of(errand->owner));
    json_out_str(out, "user", str_of(errand->sharee));
    admin_call_finish(call);
}

static void ask(struct admin_call *call)
{
    struct errand *errand = admin_call_state(call, sizeof *errand);
    const struct share_question question = {
        .request =
            {
                .verb = errand->verb,
                .owner = str_of(errand->owner),
                .deviceid = str_of(errand->id),
                .account = str_of(errand->account),
                .name = str_of(errand->name),
                .note = str_of(errand->note),
                .permit = (int64_t)errand->permit,
                .is_forced = true,
            },
        .answer_ms = ANSWER_MS,
        .on_outcome = on_outcome,
        .ctx = call,
    };
    enum err err = share_ask(admin_call_config(call)->desk, &question, &errand->asked);

    if (err)
        admin_call_refuse_failure(call, err);
}

static void on_device(void *ctx, enum err err, const struct device_record *device)
{
    struct admin_call *call = ctx;
    struct errand *errand = admin_call_state(call, sizeof *errand);

    if (err) {
        admin_device_refuse(call, err, errand->id);
    } else if (device->owner[0] == '\0') {
        admin_call_refuse(call, ERR_INVALID, "`switchyard ctl device assign` gives it to one",
                          "device '%s' has no owner", errand->id);
    } else {
        str_copy(str_of(device->owner), errand->owner, sizeof errand->owner);
        ask(call);
    }
}

static void on_sharee(struct admin_call *call, const struct user_record *user)
{
    struct errand *errand = admin_call_state(call, sizeof *errand);
    enum err err;

    str_copy(str_of(user->account), errand->account, sizeof errand->account);
    str_copy(str_of(user->apikey), errand->sharee, sizeof errand->sharee);
    err = store_device_find(admin_call_config(call)->store, admin_call_mailbox(call),
                            str_of(errand->id), on_device, call);
    if (err)
        admin_call_refuse_failure(call, err);
}

/* False when the call has been refused. */
static bool read_terms(struct admin_call *call, struct errand *errand)
{
    if (!admin_call_number(call, "permit", 0, &errand->permit) ||
        !admin_call_text(call, "name", errand->name, sizeof errand->name) ||
        !admin_call_text(call, "note", errand->note, sizeof errand->note))
        return false;
    if (errand->permit <= PERMIT_ALL)
        return true;
    admin_call_refuse(call, ERR_INVALID, NULL, "'permit' must be 0 to %d", PERMIT_ALL);
    return false;
}

static void start(struct admin_call *call, enum share_verb verb)
{
    struct errand *errand = admin_call_state(call, sizeof *errand);

    errand->verb = verb;
    if (!admin_call_word(call, "id", admin_text_check_device_id, errand->id, sizeof errand->id))
        return;
    if (verb == SHARE_OFFER && !read_terms(call, errand))
        return;
    admin_user_resolve(call, "user", on_sharee);
}

void admin_share_add(struct admin_call *call)
{
    start(call, SHARE_OFFER);
}

void admin_share_remove(struct admin_call *call)
{
    start(call, SHARE_END);
}

struct list {
    struct admin_list list;
    char id[STORE_DEVICE_ID_CAP];
    char owner[STORE_APIKEY_CAP];
    char sharee[STORE_APIKEY_CAP];
};

static void on_share(void *ctx, enum err err, const struct share_record *share)
{
    struct list *state = ctx;
    char key[ADMIN_LIST_KEY_CAP];
    struct json_out *out;

    if (share == NULL) {
        admin_list_on_page(&state->list, err);
        return;
    }
    out = admin_call_begin_row(state->list.call);
    json_out_str(out, "device", str_of(share->deviceid));
    json_out_str(out, "owner", str_of(share->owner_account));
    json_out_str(out, "user", str_of(share->sharee_account));
    json_out_int(out, "permit", share->permit);
    json_out_str(out, "name", str_of(share->name));
    json_out_str(out, "note", str_of(share->note));
    admin_text_time(out, "created_at", share->created_ms);
    snprintf(key, sizeof key, "%s %s", share->deviceid, share->sharee);
    json_out_str(out, "key", str_of(key));
    admin_call_end_row(state->list.call);
    admin_list_on_row(&state->list, key);
}

static enum err ask_page(struct admin_list *list)
{
    struct list *state = CONTAINER_OF(list, struct list, list);
    const struct store_share_range range = {
        .deviceid = str_of(state->id),
        .sharee = str_of(state->sharee),
        .owner = str_of(state->owner),
        .after = str_of(list->after),
        .limit = list->page,
    };

    return store_share_list(admin_call_config(list->call)->store, admin_call_mailbox(list->call),
                            &range, on_share, state);
}

static void on_owner_of_list(struct admin_call *call, const struct user_record *user)
{
    struct list *state = admin_call_state(call, sizeof *state);

    str_copy(str_of(user->apikey), state->owner, sizeof state->owner);
    admin_list_start(call, ask_page);
}

static void on_sharee_of_list(struct admin_call *call, const struct user_record *user)
{
    struct list *state = admin_call_state(call, sizeof *state);

    str_copy(str_of(user->apikey), state->sharee, sizeof state->sharee);
    admin_list_start(call, ask_page);
}

void admin_share_list(struct admin_call *call)
{
    struct list *state = admin_call_state(call, sizeof *state);
    bool has_device = admin_call_has(call, "device");
    bool has_owner = admin_call_has(call, "owner");
    bool has_user = admin_call_has(call, "user");

    if (has_device + has_owner + has_user > 1)
        admin_call_refuse(call, ERR_INVALID, NULL, "give one of 'device', 'owner' and 'user'");
    else if (has_owner)
        admin_user_resolve(call, "owner", on_owner_of_list);
    else if (has_user)
        admin_user_resolve(call, "user", on_sharee_of_list);
    else if (!has_device || admin_call_word(call, "device", admin_text_check_device_id, state->id,
                                            sizeof state->id))
        admin_list_start(call, ask_page);
}
