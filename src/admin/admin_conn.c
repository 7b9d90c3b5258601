#include "admin/admin_conn.h"

#include "admin/admin_text.h"
#include "admin/admin_user.h"
#include "store/store_user.h"

#include <stdatomic.h>

enum { MAX_ROWS = 100000, SEND_AT_ONCE = 200, CONN_CAP = 24 };

/* The workers read the filter and count in `found`; the rest is the asking thread's. */
struct list {
    struct admin_call *call;
    char account[STORE_APIKEY_CAP];   /* empty: any */
    char device[STORE_DEVICE_ID_CAP]; /* empty: any */
    uint64_t limit;
    atomic_uint_fast64_t found;
    struct buf rows; /* objects, each ending in LF */
    size_t sent;     /* bytes of rows */
    uint64_t shown;  /* rows */
};

struct census {
    struct list *list;
    size_t worker;
    struct buf *out;
};

static bool is_wanted(const struct list *list, const struct census_row *row)
{
    struct str account = str_of(list->account);
    struct str device = str_of(list->device);

    return (account.len == 0 || str_eq(account, row->account)) &&
           (device.len == 0 || str_eq(device, row->deviceid));
}

static void on_census_row(void *ctx, const struct census_row *row)
{
    struct census *census = ctx;
    struct json_out out = json_out_to(census->out);

    if (!is_wanted(census->list, row) ||
        atomic_fetch_add(&census->list->found, 1) >= census->list->limit)
        return;
    json_out_object(&out, NULL);
    json_out_int(&out, "conn", (int64_t)row->origin.conn_id);
    json_out_str(&out, "kind", row->is_device ? STR("device") : STR("app"));
    json_out_str(&out, "account", row->account);
    json_out_str(&out, "device", row->deviceid);
    json_out_str(&out, "peer", str_of(row->origin.peer));
    admin_text_time(&out, "since_at", row->origin.since_ms);
    json_out_int(&out, "worker", (int64_t)census->worker);
    json_out_end_object(&out);
    buf_append_byte(census->out, '\n');
}

static void take_census(void *ctx, size_t worker, struct accounts *accounts, struct buf *out)
{
    struct census census = {.list = ctx, .worker = worker, .out = out};

    accounts_census(accounts, on_census_row, &census);
}

static void finish_list(struct admin_call *call, struct list *list)
{
    struct json_out *out = admin_call_begin_result(call);

    json_out_int(out, "shown", (int64_t)list->shown);
    json_out_int(out, "total", (int64_t)atomic_load(&list->found));
    buf_free(&list->rows);
    admin_call_finish(call);
}

static void send_rows(struct admin_call *call)
{
    struct list *list = admin_call_state(call, sizeof *list);
    struct str rest = str_sub(buf_str(&list->rows), list->sent, list->rows.len);
    struct str row;
    int count = 0;

    while (count < SEND_AT_ONCE && !admin_call_is_abandoned(call) && str_split(&rest, '\n', &row)) {
        admin_call_raw_row(call, row);
        list->sent += row.len + 1;
        list->shown++;
        count++;
    }
    if (count == SEND_AT_ONCE)
        admin_call_when_drained(call, send_rows);
    else
        finish_list(call, list);
}

static void on_census(void *ctx, const struct buf *answers, size_t count)
{
    struct list *list = ctx;

    for (size_t i = 0; i < count; i++)
        buf_append(&list->rows, buf_str(&answers[i]));
    send_rows(list->call);
}

static void ask_workers(struct admin_call *call)
{
    struct list *list = admin_call_state(call, sizeof *list);

    roll_call_ask(admin_call_config(call)->workers, admin_call_mailbox(call), take_census,
                  on_census, list);
}

static void on_user(struct admin_call *call, const struct user_record *user)
{
    struct list *list = admin_call_state(call, sizeof *list);

    str_copy(str_of(user->apikey), list->account, sizeof list->account);
    ask_workers(call);
}

void admin_conn_list(struct admin_call *call)
{
    struct list *list = admin_call_state(call, sizeof *list);

    list->call = call;
    if (!admin_call_word(call, "device", admin_text_check_device_id, list->device,
                         sizeof list->device) ||
        !admin_call_number(call, "limit", MAX_ROWS, &list->limit))
        return;
    if (list->limit > MAX_ROWS)
        admin_call_refuse(call, ERR_TOO_LARGE, "narrow it down by --user or --device",
                          "'limit' must be at most %d", MAX_ROWS);
    else if (!admin_call_has(call, "user"))
        ask_workers(call);
    else
        admin_user_resolve(call, "user", on_user);
}

struct kick {
    struct admin_call *call;
    uint64_t conn_id; /* 0: by device */
    char device[STORE_DEVICE_ID_CAP];
};

static void kick(void *ctx, size_t worker, struct accounts *accounts, struct buf *out)
{
    const struct kick *state = ctx;

    (void)worker;
    buf_printf(out, "%zu", accounts_kick(accounts, state->conn_id, str_of(state->device)));
}

static void on_kicked(void *ctx, const struct buf *answers, size_t count)
{
    struct kick *state = ctx;
    uint64_t total = 0;

    for (size_t i = 0; i < count; i++) {
        uint64_t kicked = 0;

        if (str_to_u64(buf_str(&answers[i]), &kicked))
            total += kicked;
    }
    if (total == 0) {
        admin_call_refuse(
            state->call, ERR_NOT_FOUND, "`switchyard ctl conn list` shows the open ones",
            state->conn_id != 0 ? "there is no such connection" : "the device has no open link");
        return;
    }
    json_out_int(admin_call_begin_result(state->call), "closed", (int64_t)total);
    admin_call_finish(state->call);
}

void admin_conn_kick(struct admin_call *call)
{
    struct kick *state = admin_call_state(call, sizeof *state);

    state->call = call;
    if (!admin_call_number(call, "conn", 0, &state->conn_id) ||
        !admin_call_word(call, "device", admin_text_check_device_id, state->device,
                         sizeof state->device))
        return;
    if ((state->conn_id != 0) == (state->device[0] != '\0'))
        admin_call_refuse(call, ERR_INVALID, "the numbers are in `switchyard ctl conn list`",
                          "give either a connection's number or 'device'");
    else
        roll_call_ask(admin_call_config(call)->workers, admin_call_mailbox(call), kick, on_kicked,
                      state);
}
