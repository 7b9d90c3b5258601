#include "api/api_group.h"

#include "api/api_private.h"
#include "base/alloc.h"
#include "domain/groupings.h"
#include "domain/handover.h"
#include "proto/rest_group.h"

/* Where a call that goes through a list has got to. */
struct progress {
    size_t at;
};

static void on_list(void *ctx, enum err err, const struct groupings_list *list)
{
    struct api_call *call = ctx;
    struct json_out json;

    if (err != ERR_NONE) {
        api_call_refuse(call, 500);
        return;
    }
    json = api_call_begin(call);
    rest_group_begin_list(&json);
    for (size_t i = 0; i < list->count; i++) {
        const struct rest_group group = {
            .id = str_of(list->items[i].id),
            .name = str_of(list->items[i].name),
            .index = list->items[i].place,
            .created_ms = list->items[i].created_ms,
        };

        rest_group_put(&json, &group);
    }
    rest_group_end_list(&json);
    api_call_send(call, &json);
}

static void on_get(struct api_call *call)
{
    groupings_find(call->api->config.groupings, str_of(call->grant.apikey), on_list, call);
}

static void refuse(struct api_call *call, enum err err)
{
    bool is_theirs = err == ERR_INVALID || err == ERR_NOT_FOUND || err == ERR_FULL;

    api_call_refuse(call, is_theirs ? 400 : 500);
}

static void on_created(void *ctx, enum err err, struct str id)
{
    struct api_call *call = ctx;
    struct json_out json;

    if (err != ERR_NONE) {
        refuse(call, err);
        return;
    }
    json = api_call_begin(call);
    rest_group_put_id(&json, id);
    api_call_send(call, &json);
}

static void on_done(void *ctx, enum err err, struct str id)
{
    struct api_call *call = ctx;

    (void)id;
    if (err != ERR_NONE)
        refuse(call, err);
    else
        api_call_succeed(call);
}

static struct groupings_change change_of(const struct api_call *call,
                                         const struct rest_group *group)
{
    return (struct groupings_change){
        .owner = str_of(call->grant.apikey),
        .id = group->id,
        .name = group->name,
        .place = group->index,
    };
}

static void on_post(struct api_call *call)
{
    struct rest_group group;
    struct groupings_change change;

    if (!rest_group_read(&call->args, &group) || group.name.len == 0) {
        api_call_refuse(call, 400);
        return;
    }
    change = change_of(call, &group);
    change.id = STR_EMPTY;
    groupings_create(call->api->config.groupings, &change, on_created, call);
}

static void on_put(struct api_call *call)
{
    struct rest_group group;
    struct groupings_change change;

    if (!rest_group_read(&call->args, &group)) {
        api_call_refuse(call, 400);
        return;
    }
    change = change_of(call, &group);
    groupings_change(call->api->config.groupings, &change, on_done, call);
}

static void delete_group(struct api_call *call)
{
    struct rest_group group;
    struct groupings_change change;

    if (!rest_group_read(&call->args, &group)) {
        api_call_refuse(call, 400);
        return;
    }
    change = change_of(call, &group);
    groupings_delete(call->api->config.groupings, &change, on_done, call);
}

static void release_next(struct api_call *call);

static void on_released(void *ctx, enum handover_outcome outcome, struct str deviceid)
{
    struct api_call *call = ctx;

    (void)deviceid;
    if (outcome == HANDOVER_FAILED)
        api_call_refuse(call, 500);
    else
        release_next(call); /* one that is gone already is none to wait for */
}

/* The devices of the group, one after the other, and then the group. */
static void release_next(struct api_call *call)
{
    struct progress *progress = call->own;
    struct str id = rest_args_text(&call->args, "id");

    while (progress->at < call->member_count) {
        const struct grouping_member *member = &call->members[progress->at++];
        const struct handover_change change = {.owner = str_of(call->grant.apikey),
                                               .deviceid = str_of(member->deviceid),
                                               .on_end = on_released,
                                               .ctx = call};

        if (!str_eq(str_of(member->grouping), id))
            continue;
        handover_release(call->api->config.handover, &change);
        return;
    }
    delete_group(call);
}

static void on_members(void *ctx, enum err err, struct grouping_member *members, size_t count)
{
    struct api_call *call = ctx;

    call->members = members;
    call->member_count = count;
    if (err != ERR_NONE)
        api_call_refuse(call, 500);
    else
        release_next(call);
}

static void on_delete(struct api_call *call)
{
    struct rest_group group;

    if (!rest_group_read(&call->args, &group) || !group.with_devices) {
        delete_group(call);
        return;
    }
    call->own = alloc_zero(sizeof(struct progress));
    groupings_find_members(call->api->config.groupings, str_of(call->grant.apikey), on_members,
                           call);
}

static void assign_next(struct api_call *call);

static void on_assigned(void *ctx, enum err err, struct str id)
{
    struct api_call *call = ctx;

    (void)id;
    if (err != ERR_NONE)
        refuse(call, err);
    else
        assign_next(call);
}

static bool move_of(const struct api_call *call, const struct rest_group_move *asked,
                    struct grouping_move *out)
{
    *out = (struct grouping_move){.from_all = asked->from_all};
    return str_copy(str_of(call->grant.apikey), out->owner, sizeof out->owner) &&
           str_copy(asked->deviceid, out->deviceid, sizeof out->deviceid) &&
           str_copy(asked->source, out->source, sizeof out->source) &&
           str_copy(asked->target, out->target, sizeof out->target);
}

static void assign_next(struct api_call *call)
{
    struct progress *progress = call->own;
    struct rest_group_move asked;
    struct grouping_move move;
    bool is_bad;

    if (!rest_group_read_move(&call->args, progress->at++, &asked, &is_bad)) {
        if (is_bad || progress->at == 1)
            api_call_refuse(call, 400);
        else
            api_call_succeed(call);
    } else if (!move_of(call, &asked, &move)) {
        api_call_refuse(call, 400);
    } else {
        groupings_assign(call->api->config.groupings, &move, on_assigned, call);
    }
}

static void on_assign(struct api_call *call)
{
    call->own = alloc_zero(sizeof(struct progress));
    assign_next(call);
}

static const struct api_route routes[] = {
    {"GET", "/api/group", API_BEARER, REST_ERRMSG, 0, on_get},
    {"POST", "/api/group", API_BEARER, REST_ERRMSG, 0, on_post},
    {"PUT", "/api/group", API_BEARER, REST_ERRMSG, 0, on_put},
    {"DELETE", "/api/group", API_BEARER, REST_ERRMSG, 0, on_delete},
    {"POST", "/api/group/addDevice", API_BEARER, REST_ERRMSG, 0, on_assign},
};

const struct api_resource api_group = {routes, sizeof routes / sizeof *routes};
