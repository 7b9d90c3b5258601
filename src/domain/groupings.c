#include "domain/groupings.h"

#include "base/alloc.h"
#include "base/crypto.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { ID_BYTES = 16, FIRST_ROOM = 16 };

struct groupings {
    struct groupings_config config;
    size_t waits;
};

/* A list that comes in. */
struct gathering {
    struct groupings *groupings;
    groupings_fn on_list; /* one of the two */
    groupings_members_fn on_members;
    void *ctx;
    struct grouping_record *items;
    struct grouping_member *members;
    size_t count;
    size_t room;
    size_t paged;
    char owner[STORE_APIKEY_CAP];
    char after[STORE_DEVICE_ID_CAP + STORE_GROUPING_ID_CAP];
};

/* A change under way. */
struct regrouping {
    struct groupings *groupings;
    groupings_done_fn on_done;
    void *ctx;
    char id[STORE_GROUPING_ID_CAP];
};

struct groupings *groupings_new(const struct groupings_config *config)
{
    struct groupings *groupings = alloc_zero(sizeof *groupings);

    groupings->config = *config;
    return groupings;
}

void groupings_free(struct groupings *groupings)
{
    if (groupings == NULL)
        return;
    assert(groupings->waits == 0);
    free(groupings);
}

bool groupings_is_idle(const struct groupings *groupings)
{
    return groupings->waits == 0;
}

static int by_place(const void *a, const void *b)
{
    const struct grouping_record *one = a;
    const struct grouping_record *other = b;

    return (one->place > other->place) - (one->place < other->place);
}

static void end_list(struct gathering *gathering, enum err err)
{
    const struct groupings_list list = {gathering->items, gathering->count};

    gathering->groupings->waits--;
    if (err == ERR_NONE && gathering->count > 0)
        qsort(gathering->items, gathering->count, sizeof *gathering->items, by_place);
    gathering->on_list(gathering->ctx, err, err == ERR_NONE ? &list : NULL);
    free(gathering->items);
    free(gathering);
}

/* Room for twice as many. */
static size_t more_room(struct gathering *gathering)
{
    gathering->room = gathering->room == 0 ? FIRST_ROOM : 2 * gathering->room;
    return gathering->room;
}

static void on_grouping(void *ctx, enum err err, const struct grouping_record *record)
{
    struct gathering *gathering = ctx;

    if (record == NULL) {
        end_list(gathering, err);
        return;
    }
    if (gathering->count == gathering->room)
        gathering->items = alloc_resize(gathering->items, more_room(gathering), sizeof *record);
    gathering->items[gathering->count++] = *record;
}

static struct gathering *gathering_new(struct groupings *groupings, struct str owner, void *ctx)
{
    struct gathering *gathering = alloc_zero(sizeof *gathering);

    gathering->groupings = groupings;
    gathering->ctx = ctx;
    (void)str_copy(owner, gathering->owner, sizeof gathering->owner);
    groupings->waits++;
    return gathering;
}

void groupings_find(struct groupings *groupings, struct str owner, groupings_fn on_list, void *ctx)
{
    const struct groupings_config *config = &groupings->config;
    struct gathering *gathering = gathering_new(groupings, owner, ctx);
    enum err err;

    gathering->on_list = on_list;
    err = store_grouping_list(config->store, config->mailbox, owner, on_grouping, gathering);
    if (err != ERR_NONE)
        end_list(gathering, err);
}

static void end_members(struct gathering *gathering, enum err err)
{
    gathering->groupings->waits--;
    if (err != ERR_NONE) {
        free(gathering->members);
        gathering->members = NULL;
        gathering->count = 0;
    }
    gathering->on_members(gathering->ctx, err, gathering->members, gathering->count);
    free(gathering);
}

static enum err ask_members(struct gathering *gathering);

static void on_member(void *ctx, enum err err, const struct grouping_member *member)
{
    struct gathering *gathering = ctx;

    if (member == NULL) {
        if (err == ERR_NONE && gathering->paged == STORE_GROUPING_PAGE) {
            err = ask_members(gathering);
            if (err == ERR_NONE)
                return;
        }
        end_members(gathering, err);
        return;
    }
    if (gathering->count == gathering->room)
        gathering->members = alloc_resize(gathering->members, more_room(gathering), sizeof *member);
    gathering->members[gathering->count++] = *member;
    gathering->paged++;
    snprintf(gathering->after, sizeof gathering->after, "%s %s", member->deviceid,
             member->grouping);
}

static enum err ask_members(struct gathering *gathering)
{
    const struct groupings_config *config = &gathering->groupings->config;

    gathering->paged = 0;
    return store_grouping_members(config->store, config->mailbox, str_of(gathering->owner),
                                  str_of(gathering->after), on_member, gathering);
}

void groupings_find_members(struct groupings *groupings, struct str owner,
                            groupings_members_fn on_members, void *ctx)
{
    struct gathering *gathering = gathering_new(groupings, owner, ctx);
    enum err err;

    gathering->on_members = on_members;
    err = ask_members(gathering);
    if (err != ERR_NONE)
        end_members(gathering, err);
}

static void on_done(void *ctx, enum err err)
{
    struct regrouping *regrouping = ctx;

    regrouping->groupings->waits--;
    regrouping->on_done(regrouping->ctx, err, str_of(regrouping->id));
    free(regrouping);
}

static struct regrouping *regrouping_new(struct groupings *groupings, groupings_done_fn done,
                                         void *ctx)
{
    struct regrouping *regrouping = alloc_zero(sizeof *regrouping);

    regrouping->groupings = groupings;
    regrouping->on_done = done;
    regrouping->ctx = ctx;
    groupings->waits++;
    return regrouping;
}

static enum err record_of(const struct groupings_change *change, struct grouping_record *out)
{
    *out = (struct grouping_record){.place = change->place};
    if (!str_copy(change->owner, out->owner, sizeof out->owner) ||
        !str_copy(change->id, out->id, sizeof out->id) ||
        !str_copy(change->name, out->name, sizeof out->name) || change->place < 0)
        return ERR_INVALID;
    return ERR_NONE;
}

void groupings_create(struct groupings *groupings, const struct groupings_change *change,
                      groupings_done_fn done, void *ctx)
{
    const struct groupings_config *config = &groupings->config;
    struct regrouping *regrouping = regrouping_new(groupings, done, ctx);
    struct grouping_record record;
    enum err err = record_of(change, &record);

    crypto_random_hex(ID_BYTES, record.id);
    (void)str_copy(str_of(record.id), regrouping->id, sizeof regrouping->id);
    record.created_ms = config->wall_ms(config->ctx);
    if (err == ERR_NONE)
        err = store_grouping_create(config->store, config->mailbox, &record, config->max, on_done,
                                    regrouping);
    if (err != ERR_NONE)
        on_done(regrouping, err);
}

typedef enum err (*change_fn)(struct store *store, struct mailbox *reply,
                              const struct grouping_record *grouping, store_done_fn on_done,
                              void *ctx);

static void submit(struct regrouping *regrouping, const struct groupings_change *change,
                   change_fn call)
{
    const struct groupings_config *config = &regrouping->groupings->config;
    struct grouping_record record;
    enum err err = record_of(change, &record);

    (void)str_copy(str_of(record.id), regrouping->id, sizeof regrouping->id);
    if (err == ERR_NONE)
        err = call(config->store, config->mailbox, &record, on_done, regrouping);
    if (err != ERR_NONE)
        on_done(regrouping, err);
}

void groupings_change(struct groupings *groupings, const struct groupings_change *change,
                      groupings_done_fn done, void *ctx)
{
    submit(regrouping_new(groupings, done, ctx), change, store_grouping_change);
}

void groupings_delete(struct groupings *groupings, const struct groupings_change *change,
                      groupings_done_fn done, void *ctx)
{
    submit(regrouping_new(groupings, done, ctx), change, store_grouping_delete);
}

void groupings_assign(struct groupings *groupings, const struct grouping_move *move,
                      groupings_done_fn done, void *ctx)
{
    const struct groupings_config *config = &groupings->config;
    struct regrouping *regrouping = regrouping_new(groupings, done, ctx);
    enum err err = store_grouping_assign(config->store, config->mailbox, move, on_done, regrouping);

    if (err != ERR_NONE)
        on_done(regrouping, err);
}
