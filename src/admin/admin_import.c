#include "admin/admin_import.h"

#include "admin/admin_text.h"
#include "admin/admin_user.h"
#include "base/alloc.h"
#include "base/map.h"
#include "store/store_device.h"
#include "store/store_user.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { OWNER_CAP = ADMIN_USER_CAP, MAX_TRIES = 3 };

/*
 *   read -> resolve the owners -> create --- committed ---> finish
 *                                  |  ^
 *      exists, or an owner is gone |  | without those that exist (skip-existing)
 *                                  v  |
 *                                inspect: which rows it was --> refuse
 */
struct batch {
    struct admin_call *call;
    size_t count;
    size_t at; /* the row that is being resolved or inspected */
    struct device_record *devices;
    int64_t *lines;
    char (*owners)[OWNER_CAP]; /* as given */
    size_t skipped;
    int tries;
    size_t bad;
    struct buf reports; /* the first of the bad rows, objects with commas between */
};

static void free_batch(struct batch *batch)
{
    free(batch->devices);
    free(batch->lines);
    free(batch->owners);
    buf_free(&batch->reports);
}

static void refuse(struct batch *batch, enum err err)
{
    struct admin_call *call = batch->call;

    free_batch(batch);
    admin_call_refuse_failure(call, err);
}

static void finish(struct batch *batch)
{
    struct admin_call *call = batch->call;
    struct json_out *out = admin_call_begin_result(call);

    json_out_int(out, "imported", (int64_t)batch->count);
    json_out_int(out, "skipped", (int64_t)batch->skipped);
    free_batch(batch);
    admin_call_finish(call);
}

static void report(struct batch *batch, int64_t line, const char *format, ...) PRINTF_LIKE(3, 4);
static void report(struct batch *batch, int64_t line, const char *format, ...)
{
    struct json_out out = json_out_to(&batch->reports);
    char text[200];
    va_list args;

    if (batch->bad++ >= ADMIN_IMPORT_REPORTS)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    out.comma = batch->reports.len > 0;
    json_out_object(&out, NULL);
    json_out_int(&out, "line", line);
    json_out_str(&out, "text", str_of(text));
    json_out_end_object(&out);
}

static void refuse_bad(struct batch *batch)
{
    struct admin_call *call = batch->call;
    struct control_refusal refusal;
    struct buf rows = BUF_EMPTY;
    struct json_out *out;

    control_refusal_set(&refusal, ERR_INVALID,
                        "mend these rows; --skip-existing leaves out what "
                        "is registered already",
                        "%zu of %zu rows are wrong; nothing of this batch was imported", batch->bad,
                        batch->count);
    buf_append_byte(&rows, '[');
    buf_append(&rows, buf_str(&batch->reports));
    buf_append_byte(&rows, ']');
    free_batch(batch);
    out = admin_call_begin_refusal(call, &refusal);
    json_out_raw(out, "rows", buf_str(&rows));
    buf_free(&rows);
    admin_call_end_refusal(call);
}

struct column {
    const char *name;
    admin_check_fn check;
    char *out;
    size_t cap;
};

static void read_column(struct batch *batch, const struct column *column, struct json_value value)
{
    int64_t line = batch->lines[batch->at];
    const char *wanted;

    if (!json_to_text(value, column->out, column->cap)) {
        report(batch, line, "'%s' must be at most %zu bytes of text", column->name,
               column->cap - 1);
        return;
    }
    wanted = column->check(str_of(column->out));
    if (wanted != NULL)
        report(batch, line, "'%s' must be %s", column->name, wanted);
}

static const char *check_owner(struct str text)
{
    if (text.len == 0 || admin_text_check_apikey(text) == NULL ||
        admin_text_check_account(text) == NULL)
        return NULL;
    return "an account (ann@example.com) or an apikey, or be left empty";
}

/* False when the row is not six items, a number first. */
static bool read_row(struct batch *batch, struct json_value row)
{
    struct device_record *device = &batch->devices[batch->at];
    const struct column columns[] = {
        {"deviceid", admin_text_check_device_id, device->id, sizeof device->id},
        {"key", admin_text_check_secret, device->key, sizeof device->key},
        {"name", admin_text_check_label, device->name, sizeof device->name},
        {"model", admin_text_check_label, device->model, sizeof device->model},
        {"owner", check_owner, batch->owners[batch->at], OWNER_CAP},
    };
    struct str rest = row.raw;
    struct json_value item;

    if (row.kind != JSON_ARRAY || !json_array_next(&rest, &item) ||
        !json_to_i64(item, &batch->lines[batch->at]))
        return false;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (!json_array_next(&rest, &item))
            return false;
        read_column(batch, &columns[i], item);
    }
    device->params = "{}";
    device->created_ms = loop_wall_ms(admin_call_config(batch->call)->loop);
    return !json_array_next(&rest, &item);
}

static struct str id_of(const void *item)
{
    const struct device_record *device = item;

    return str_of(device->id);
}

static void report_twice(struct batch *batch)
{
    struct map *map = map_new(id_of);

    for (size_t i = 0; i < batch->count; i++) {
        const struct device_record *before = map_put(map, &batch->devices[i]);

        if (before != NULL && before->id[0] != '\0')
            report(batch, batch->lines[i], "the device '%s' stands in line %lld already",
                   before->id, (long long)batch->lines[before - batch->devices]);
    }
    map_free(map);
}

/* False when the call has been refused. */
static bool read_rows(struct admin_call *call, struct batch *batch)
{
    struct str rows = admin_call_value(call, "rows").raw;
    struct str rest = rows;
    struct json_value row;
    bool is_shaped = true;

    while (json_array_next(&rest, &row))
        batch->count++;
    if (batch->count > ADMIN_IMPORT_ROWS) {
        admin_call_refuse(call, ERR_TOO_LARGE, NULL, "a batch has at most %d rows",
                          ADMIN_IMPORT_ROWS);
        return false;
    }
    batch->devices = alloc_zero((batch->count + 1) * sizeof *batch->devices);
    batch->lines = alloc_zero((batch->count + 1) * sizeof *batch->lines);
    batch->owners = alloc_zero((batch->count + 1) * sizeof *batch->owners);
    for (rest = rows; is_shaped && json_array_next(&rest, &row); batch->at++)
        is_shaped = read_row(batch, row);
    if (!is_shaped) {
        free_batch(batch);
        admin_call_refuse(call, ERR_INVALID, NULL,
                          "each row must be [line, id, key, name, model, owner]");
        return false;
    }
    report_twice(batch);
    if (batch->bad == 0)
        return true;
    refuse_bad(batch);
    return false;
}

static void create(struct batch *batch);
static void inspect(struct batch *batch);

/* Without the rows that inspecting has emptied. */
static void close_ranks(struct batch *batch)
{
    size_t kept = 0;

    for (size_t i = 0; i < batch->count; i++) {
        if (batch->devices[i].id[0] == '\0')
            continue;
        batch->devices[kept] = batch->devices[i];
        batch->lines[kept] = batch->lines[i];
        kept++;
    }
    batch->skipped += batch->count - kept;
    batch->count = kept;
}

static void after_inspection(struct batch *batch)
{
    if (batch->bad > 0) {
        refuse_bad(batch);
        return;
    }
    close_ranks(batch);
    if (++batch->tries < MAX_TRIES)
        create(batch);
    else
        refuse(batch, ERR_BUSY); /* others keep changing the same devices */
}

static bool has_owner_of_row_before(const struct batch *batch)
{
    return batch->at > 0 && str_eq(str_of(batch->devices[batch->at].owner),
                                   str_of(batch->devices[batch->at - 1].owner));
}

static void on_owner_inspected(void *ctx, enum err err, const struct user_record *user)
{
    struct batch *batch = ctx;

    (void)user;
    if (err != ERR_NONE && err != ERR_NOT_FOUND) {
        refuse(batch, err);
        return;
    }
    if (err == ERR_NOT_FOUND)
        report(batch, batch->lines[batch->at], "there is no user '%s'",
               batch->devices[batch->at].owner);
    batch->at++;
    inspect(batch);
}

static void on_device_inspected(void *ctx, enum err err, const struct device_record *device)
{
    struct batch *batch = ctx;
    struct device_record *own = &batch->devices[batch->at];

    (void)device;
    if (err != ERR_NONE && err != ERR_NOT_FOUND) {
        refuse(batch, err);
        return;
    }
    if (err == ERR_NONE && admin_call_flag(batch->call, "skip-existing")) {
        own->id[0] = '\0';
    } else if (err == ERR_NONE) {
        report(batch, batch->lines[batch->at], "there is a device '%s' already", own->id);
    } else if (own->owner[0] != '\0' && !has_owner_of_row_before(batch)) {
        err =
            store_user_find(admin_call_config(batch->call)->store, admin_call_mailbox(batch->call),
                            str_of(own->owner), on_owner_inspected, batch);
        if (err)
            refuse(batch, err);
        return;
    }
    batch->at++;
    inspect(batch);
}

static void inspect(struct batch *batch)
{
    enum err err;

    if (batch->at == batch->count) {
        after_inspection(batch);
        return;
    }
    err = store_device_find(admin_call_config(batch->call)->store, admin_call_mailbox(batch->call),
                            str_of(batch->devices[batch->at].id), on_device_inspected, batch);
    if (err)
        refuse(batch, err);
}

static void on_created(void *ctx, enum err err)
{
    struct batch *batch = ctx;

    batch->at = 0;
    if (err == ERR_NONE)
        finish(batch);
    else if (err == ERR_EXISTS || err == ERR_NOT_FOUND)
        inspect(batch);
    else
        refuse(batch, err);
}

static void create(struct batch *batch)
{
    enum err err;

    if (batch->count == 0) {
        finish(batch);
        return;
    }
    err =
        store_device_create(admin_call_config(batch->call)->store, admin_call_mailbox(batch->call),
                            batch->devices, batch->count, on_created, batch);
    if (err)
        refuse(batch, err);
}

static void resolve(struct batch *batch);

static void on_owner(void *ctx, enum err err, const struct user_record *user)
{
    struct batch *batch = admin_call_state(ctx, sizeof *batch);
    struct device_record *device = &batch->devices[batch->at];

    if (err == ERR_NONE)
        str_copy(str_of(user->apikey), device->owner, sizeof device->owner);
    else if (err == ERR_NOT_FOUND)
        report(batch, batch->lines[batch->at], "there is no user '%s'", batch->owners[batch->at]);
    if (err != ERR_NONE && err != ERR_NOT_FOUND) {
        refuse(batch, err);
        return;
    }
    batch->at++;
    resolve(batch);
}

/* Rows of one owner mostly stand together, so the row before often has the answer. */
static bool resolve_here(struct batch *batch)
{
    struct str owner = str_of(batch->owners[batch->at]);
    struct device_record *device = &batch->devices[batch->at];
    bool is_repeated = batch->at > 0 && str_eq(owner, str_of(batch->owners[batch->at - 1]));

    if (is_repeated && batch->devices[batch->at - 1].owner[0] != '\0')
        str_copy(str_of(batch->devices[batch->at - 1].owner), device->owner, sizeof device->owner);
    else if (admin_text_check_apikey(owner) == NULL)
        str_copy(owner, device->owner, sizeof device->owner);
    else
        return owner.len == 0;
    return true;
}

/* Firmware that hears its own key as its owner's takes it for a refusal. */
static void report_own_keys(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        if (strcmp(batch->devices[i].key, batch->devices[i].owner) == 0)
            report(batch, batch->lines[i], "a device's key must not be its owner's apikey");
}

static void resolve(struct batch *batch)
{
    enum err err;

    while (batch->at < batch->count && resolve_here(batch))
        batch->at++;
    if (batch->at < batch->count) {
        err = admin_user_find(batch->call, str_of(batch->owners[batch->at]), on_owner);
        if (err)
            refuse(batch, err);
        return;
    }
    report_own_keys(batch);
    if (batch->bad > 0)
        refuse_bad(batch);
    else
        create(batch);
}

void admin_import_devices(struct admin_call *call)
{
    struct batch *batch = admin_call_state(call, sizeof *batch);

    batch->call = call;
    if (!read_rows(call, batch))
        return;
    batch->at = 0;
    resolve(batch);
}
