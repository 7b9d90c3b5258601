#include "admin/admin_app.h"

#include "admin/admin_event.h"
#include "admin/admin_list.h"
#include "admin/admin_quirk.h"
#include "admin/admin_text.h"
#include "store/store_app.h"

#include <stdio.h>

enum { RANDOM_LEN = 32, QUIRK_NAME_CAP = 64 };

static void write_app(struct json_out *out, const struct app_record *app)
{
    json_out_str(out, "id", str_of(app->id));
    json_out_str(out, "name", str_of(app->name));
    admin_quirk_write(out, "quirks", app->quirks);
    json_out_bool(out, "disabled", app->disabled);
    admin_text_time(out, "created_at", app->created_ms);
}

static void refuse_name(struct admin_call *call, const char *what, const char *name,
                        const char *near)
{
    char hint[128];

    snprintf(hint, sizeof hint, "did you mean '%s'?", near == NULL ? "" : near);
    admin_call_refuse(call, ERR_INVALID,
                      near != NULL ? hint : "see `switchyard ctl app create --help` for all",
                      "there is no %s '%s'", what, name);
}

/* False when the call has been refused. */
static bool read_quirks(struct admin_call *call, unsigned *quirks)
{
    struct str rest = admin_call_value(call, "quirk").raw;
    struct json_value item;
    char name[QUIRK_NAME_CAP];

    while (json_array_next(&rest, &item)) {
        if (!json_to_text(item, name, sizeof name))
            name[0] = '\0';
        if (admin_quirk_add(str_of(name), quirks))
            continue;
        refuse_name(call, "quirk", name, admin_quirk_nearest(str_of(name)));
        return false;
    }
    if (!admin_call_text(call, "preset", name, sizeof name))
        return false;
    if (name[0] == '\0' || admin_quirk_add_preset(str_of(name), quirks))
        return true;
    refuse_name(call, "preset", name, admin_quirk_nearest_preset(str_of(name)));
    return false;
}

/* False when the call has been refused. */
static bool read_app(struct admin_call *call, struct app_record *app)
{
    if (!admin_call_word(call, "id", admin_text_check_app_id, app->id, sizeof app->id) ||
        !admin_call_word(call, "secret", admin_text_check_secret, app->secret,
                         sizeof app->secret) ||
        !admin_call_word(call, "name", admin_text_check_label, app->name, sizeof app->name) ||
        !read_quirks(call, &app->quirks))
        return false;
    if (app->id[0] == '\0')
        admin_text_random(RANDOM_LEN, app->id);
    if (app->secret[0] == '\0')
        admin_text_random(RANDOM_LEN, app->secret);
    app->created_ms = loop_wall_ms(admin_call_config(call)->loop);
    return true;
}

static void on_created(void *ctx, enum err err)
{
    struct admin_call *call = ctx;
    const struct app_record *app = admin_call_state(call, sizeof *app);
    struct json_out *out;

    if (err == ERR_EXISTS) {
        admin_call_refuse(call, err, "choose another id, or leave it out to have one made",
                          "there is an app '%s' already", app->id);
        return;
    }
    if (err) {
        admin_call_refuse_failure(call, err);
        return;
    }
    out = admin_call_begin_result(call);
    write_app(out, app);
    json_out_str(out, "secret", str_of(app->secret));
    admin_call_finish(call);
}

void admin_app_create(struct admin_call *call)
{
    struct app_record *app = admin_call_state(call, sizeof *app);
    enum err err;

    if (!read_app(call, app))
        return;
    err = store_app_create(admin_call_config(call)->store, admin_call_mailbox(call), app,
                           on_created, call);
    if (err)
        admin_call_refuse_failure(call, err);
}

static void on_record(void *ctx, enum err err, const struct app_record *app)
{
    struct admin_list *list = ctx;

    if (app == NULL) {
        admin_list_on_page(list, err);
        return;
    }
    write_app(admin_call_begin_row(list->call), app);
    admin_call_end_row(list->call);
    admin_list_on_row(list, app->id);
}

static enum err ask_page(struct admin_list *list)
{
    return store_app_list(admin_call_config(list->call)->store, admin_call_mailbox(list->call),
                          str_of(list->after), list->page, on_record, list);
}

void admin_app_list(struct admin_call *call)
{
    admin_list_start(call, ask_page);
}

static void on_disabled(void *ctx, enum err err)
{
    struct admin_call *call = ctx;
    struct bus_event event = {.topic = BUS_APP_CHANGED};
    struct json_out *out;
    char id[STORE_APP_ID_CAP];

    if (!admin_call_text(call, "id", id, sizeof id))
        return;
    if (err == ERR_NOT_FOUND) {
        admin_call_refuse(call, err, "`switchyard ctl app list` shows them all",
                          "there is no app '%s'", id);
        return;
    }
    if (err) {
        admin_call_refuse_failure(call, err);
        return;
    }
    out = admin_call_begin_result(call);
    json_out_str(out, "id", str_of(id));
    json_out_bool(out, "disabled", admin_call_verb(call) == CONTROL_APP_DISABLE);
    str_copy(str_of(id), event.subject, sizeof event.subject);
    admin_event_publish_and_finish(call, &event);
}

void admin_app_set_disabled(struct admin_call *call)
{
    char id[STORE_APP_ID_CAP];
    enum err err;

    if (!admin_call_word(call, "id", admin_text_check_app_id, id, sizeof id))
        return;
    err = store_app_disable(admin_call_config(call)->store, admin_call_mailbox(call), str_of(id),
                            admin_call_verb(call) == CONTROL_APP_DISABLE, on_disabled, call);
    if (err)
        admin_call_refuse_failure(call, err);
}
