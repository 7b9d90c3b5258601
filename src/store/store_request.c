#include "store/store_request.h"

#include "base/alloc.h"
#include "store/store_check.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const struct store_shape store_request_range = {.size = sizeof(struct store_range)};

const struct store_verb *store_request_verb(const struct store_request *request)
{
    return store_resource_verb(request->resource, request->verb);
}

/* One block: the request, then what `args` points to. */
struct store_request *store_request_new_with(enum store_resource_id resource, unsigned verb,
                                             size_t texts, struct mailbox *reply, void *ctx)
{
    size_t args = store_resource_verb(resource, verb)->args->size + texts;
    struct {
        struct store_request request;
        max_align_t args[];
    } *block = alloc_zero(sizeof *block + args);

    link_init(&block->request.link);
    block->request.resource = resource;
    block->request.verb = verb;
    block->request.reply = reply;
    block->request.ctx = ctx;
    block->request.bytes = sizeof *block + args;
    block->request.args = block->args;
    return &block->request;
}

struct store_request *store_request_new(enum store_resource_id resource, unsigned verb,
                                        struct mailbox *reply, void *ctx)
{
    return store_request_new_with(resource, verb, 0, reply, ctx);
}

static char *row_at(const struct store_request *request, size_t number)
{
    return (char *)request->rows.items + number * store_request_verb(request)->rows->size;
}

void store_request_clear(struct store_request *request)
{
    const struct store_verb *verb = store_request_verb(request);

    if (verb->args->release != NULL)
        verb->args->release(request->args);
    for (size_t i = 0; i < request->rows.count && verb->rows->release != NULL; i++)
        verb->rows->release(row_at(request, i));
    free(request->rows.items);
    request->rows = (struct store_rows){0};
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
    store_request_clear(request);
    leave_place(request);
    free(request);
}

static size_t weigh(const struct store_shape *shape, const void *item)
{
    return shape->weigh == NULL ? 0 : shape->weigh(item);
}

size_t store_request_weigh(const struct store_request *request)
{
    const struct store_verb *verb = store_request_verb(request);
    size_t bytes = request->bytes + weigh(verb->args, request->args);

    for (size_t i = 0; i < request->rows.count; i++)
        bytes += verb->rows->size + weigh(verb->rows, row_at(request, i));
    return bytes;
}

bool store_request_set_range(struct store_request *request, struct str after, size_t limit)
{
    struct store_range *range = request->args;

    assert(store_request_verb(request)->reply == STORE_ROWS);
    range->limit = limit;
    return limit <= STORE_LIST_MAX && store_check_copy(after, range->after, sizeof range->after);
}

void *store_request_add(struct store_request *request)
{
    struct store_rows *rows = &request->rows;
    size_t size = store_request_verb(request)->rows->size;
    void *row;

    if (rows->count == rows->cap) {
        rows->cap = rows->cap == 0 ? 16 : 2 * rows->cap;
        rows->items = alloc_resize(rows->items, rows->cap, size);
    }
    row = row_at(request, rows->count);
    memset(row, 0, size);
    rows->count++;
    return row;
}

bool store_request_is_complete(const struct store_request *request)
{
    return request->rows.count >= ((const struct store_range *)request->args)->limit;
}

static void answer_rows(struct store_request *request, const struct store_verb *verb)
{
    for (size_t i = 0; i < request->rows.count && request->err == ERR_NONE; i++)
        verb->give(request, ERR_NONE, row_at(request, i));
    verb->give(request, request->err, NULL);
}

static void answer(struct store_request *request)
{
    const struct store_verb *verb = store_request_verb(request);

    switch (verb->reply) {
    case STORE_DONE:
        ((store_done_fn)request->on)(request->ctx, request->err);
        return;
    case STORE_ITEM:
        verb->give(request, request->err, request->err ? NULL : request->args);
        return;
    case STORE_ROWS:
        answer_rows(request, verb);
        return;
    }
}

/* The place is given back first, so that a callback can make the next call. */
static void on_answer(struct mail *mail)
{
    struct store_request *request = CONTAINER_OF(mail, struct store_request, mail);

    leave_place(request);
    answer(request);
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
