#include "store/store_request.h"

#include "base/alloc.h"
#include "base/crypto.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A batch to create stands in rows, an update is as long as its texts. */
static const size_t arg_bytes[VERB_COUNT] = {
    [VERB_APP_FIND] = sizeof(struct app_record),
    [VERB_USER_FIND] = sizeof(struct user_record),
    [VERB_USER_FIND_ACCOUNT] = sizeof(struct user_record),
    [VERB_TOKEN_FIND] = sizeof(struct token_record),
    [VERB_DEVICE_FIND] = sizeof(struct store_device),
    [VERB_APP_LIST] = sizeof(struct store_range),
    [VERB_USER_LIST] = sizeof(struct store_range),
    [VERB_DEVICE_LIST] = sizeof(struct store_range),
    [VERB_APP_CREATE] = sizeof(struct app_record),
    [VERB_APP_DISABLE] = sizeof(struct app_record),
    [VERB_USER_CREATE] = sizeof(struct user_record),
    [VERB_USER_SET_PASSWORD] = sizeof(struct user_record),
    [VERB_TOKEN_CREATE] = sizeof(struct token_record),
    [VERB_TOKEN_REVOKE] = sizeof(struct token_record),
    [VERB_DEVICE_ASSIGN] = sizeof(struct store_device),
    [VERB_PASSWORD_HASH] = sizeof(struct store_password),
    [VERB_PASSWORD_VERIFY] = sizeof(struct store_password),
};

/* One block: the request, then what `args` points to. */
static struct store_request *new_with(enum store_verb verb, size_t args, struct mailbox *reply,
                                      void *ctx)
{
    struct {
        struct store_request request;
        max_align_t args[];
    } *block = alloc_zero(sizeof *block + args);

    link_init(&block->request.link);
    block->request.verb = verb;
    block->request.reply = reply;
    block->request.ctx = ctx;
    block->request.bytes = sizeof *block + args;
    block->request.args = block->args;
    return &block->request;
}

struct store_request *store_request_new(enum store_verb verb, struct mailbox *reply, void *ctx)
{
    assert(verb != VERB_DEVICE_UPDATE);
    return new_with(verb, arg_bytes[verb], reply, ctx);
}

struct store_request *store_request_new_change(const struct store_device_change *change,
                                               struct mailbox *reply, void *ctx)
{
    size_t texts = change->id.len + change->owner.len + change->params.len + change->model.len;
    struct store_request *request =
        new_with(VERB_DEVICE_UPDATE, sizeof *change + texts, reply, ctx);
    struct store_device_change *copy = request->change;
    char *at = (char *)(copy + 1);

    *copy = *change;
    copy->id = str_place(&at, change->id);
    copy->owner = str_place(&at, change->owner);
    copy->model = str_place(&at, change->model);
    if (change->params.ptr != NULL)
        copy->params = str_place(&at, change->params);
    return request;
}

static bool has_device_rows(enum store_verb verb)
{
    return verb == VERB_DEVICE_LIST || verb == VERB_DEVICE_CREATE;
}

static bool has_device(enum store_verb verb)
{
    return verb == VERB_DEVICE_FIND || verb == VERB_DEVICE_ASSIGN;
}

void store_request_clear(struct store_request *request)
{
    struct store_device *devices = request->rows.items;

    for (size_t i = 0; has_device_rows(request->verb) && i < request->rows.count; i++)
        free(devices[i].params);
    free(request->rows.items);
    request->rows = (struct store_rows){0};
    if (!has_device(request->verb))
        return;
    free(request->device->params);
    request->device->params = NULL;
}

static void leave_place(struct store_request *request)
{
    if (request->places != NULL)
        store_places_leave(request->places, request->bytes);
    request->places = NULL;
}

void store_request_free(struct store_request *request)
{
    if (request == NULL)
        return;
    if (store_verb_is_password(request->verb) && request->password->text != NULL)
        crypto_wipe(request->password->text, request->password->len);
    if (store_verb_is_password(request->verb))
        free(request->password->text);
    store_request_clear(request);
    leave_place(request);
    free(request);
}

static size_t weigh_device(const struct store_device *device)
{
    return device->params == NULL ? 0 : strlen(device->params) + 1;
}

size_t store_request_weigh(const struct store_request *request)
{
    const struct store_device *devices = request->rows.items;
    size_t bytes = request->bytes;

    if (has_device(request->verb))
        bytes += weigh_device(request->device);
    if (store_verb_is_password(request->verb))
        bytes += request->password->len;
    for (size_t i = 0; has_device_rows(request->verb) && i < request->rows.count; i++)
        bytes += sizeof devices[i] + weigh_device(&devices[i]);
    return bytes;
}

static void *add_row(struct store_rows *rows, size_t size)
{
    char *row;

    if (rows->count == rows->cap) {
        rows->cap = rows->cap == 0 ? 16 : 2 * rows->cap;
        rows->items = alloc_resize(rows->items, rows->cap, size);
    }
    row = (char *)rows->items + rows->count * size;
    memset(row, 0, size);
    rows->count++;
    return row;
}

struct app_record *store_request_add_app(struct store_request *request)
{
    return add_row(&request->rows, sizeof(struct app_record));
}

struct user_record *store_request_add_user(struct store_request *request)
{
    return add_row(&request->rows, sizeof(struct user_record));
}

struct store_device *store_request_add_device(struct store_request *request, char *params)
{
    struct store_device *device = add_row(&request->rows, sizeof *device);

    device->params = params;
    return device;
}

bool store_request_is_complete(const struct store_request *request)
{
    return request->rows.count >= request->range->limit;
}

static void answer_done(struct store_request *request)
{
    request->on.done(request->ctx, request->err);
}

static void answer_app(struct store_request *request)
{
    request->on.app(request->ctx, request->err, request->err ? NULL : request->app);
}

static void answer_user(struct store_request *request)
{
    request->on.user(request->ctx, request->err, request->err ? NULL : request->user);
}

static void answer_token(struct store_request *request)
{
    request->on.token(request->ctx, request->err, request->err ? NULL : request->token);
}

static const struct device_record *whole_record(struct store_device *device)
{
    device->record.params = device->params == NULL ? "{}" : device->params;
    return &device->record;
}

static void answer_device(struct store_request *request)
{
    request->on.device(request->ctx, request->err,
                       request->err ? NULL : whole_record(request->device));
}

static void answer_app_list(struct store_request *request)
{
    const struct app_record *apps = request->rows.items;

    for (size_t i = 0; i < request->rows.count && request->err == ERR_NONE; i++)
        request->on.app(request->ctx, ERR_NONE, &apps[i]);
    request->on.app(request->ctx, request->err, NULL);
}

static void answer_user_list(struct store_request *request)
{
    const struct user_record *users = request->rows.items;

    for (size_t i = 0; i < request->rows.count && request->err == ERR_NONE; i++)
        request->on.user(request->ctx, ERR_NONE, &users[i]);
    request->on.user(request->ctx, request->err, NULL);
}

static void answer_device_list(struct store_request *request)
{
    struct store_device *devices = request->rows.items;

    for (size_t i = 0; i < request->rows.count && request->err == ERR_NONE; i++)
        request->on.device(request->ctx, ERR_NONE, whole_record(&devices[i]));
    request->on.device(request->ctx, request->err, NULL);
}

static void answer_hash(struct store_request *request)
{
    request->on.hash(request->ctx, request->err, request->err ? NULL : request->password->hash);
}

static void (*const answers[VERB_COUNT])(struct store_request *request) = {
    [VERB_APP_FIND] = answer_app,           [VERB_USER_FIND] = answer_user,
    [VERB_USER_FIND_ACCOUNT] = answer_user, [VERB_TOKEN_FIND] = answer_token,
    [VERB_DEVICE_FIND] = answer_device,     [VERB_APP_LIST] = answer_app_list,
    [VERB_USER_LIST] = answer_user_list,    [VERB_DEVICE_LIST] = answer_device_list,
    [VERB_APP_CREATE] = answer_done,        [VERB_APP_DISABLE] = answer_done,
    [VERB_USER_CREATE] = answer_done,       [VERB_USER_SET_PASSWORD] = answer_done,
    [VERB_TOKEN_CREATE] = answer_done,      [VERB_TOKEN_REVOKE] = answer_done,
    [VERB_DEVICE_CREATE] = answer_done,     [VERB_DEVICE_ASSIGN] = answer_done,
    [VERB_DEVICE_UPDATE] = answer_done,     [VERB_PASSWORD_HASH] = answer_hash,
    [VERB_PASSWORD_VERIFY] = answer_done,
};

/* The place is given back first, so that a callback can make the next call. */
static void on_answer(struct mail *mail)
{
    struct store_request *request = CONTAINER_OF(mail, struct store_request, mail);

    leave_place(request);
    answers[request->verb](request);
    store_request_free(request);
}

void store_request_post(struct store_request *request)
{
    assert(link_is_alone(&request->link));
    request->mail.on_mail = on_answer;
    mailbox_post(request->reply, &request->mail);
}

static struct store_request *request_of(struct link *link)
{
    return CONTAINER_OF(link, struct store_request, link);
}

/* Those of the list that go where its first one goes. */
static void post_alike(struct link *list)
{
    struct mailbox *reply = request_of(list->next)->reply;
    struct mail *first = NULL;
    struct mail **end = &first;
    struct link *next;

    for (struct link *link = list->next; link != list; link = next) {
        struct store_request *request = request_of(link);

        next = link->next;
        if (request->reply != reply)
            continue;
        link_remove(link);
        request->mail.on_mail = on_answer;
        request->mail.next = NULL;
        *end = &request->mail;
        end = &request->mail.next;
    }
    mailbox_post_all(reply, first);
}

void store_request_post_all(struct link *list)
{
    while (!link_is_alone(list))
        post_alike(list);
}
