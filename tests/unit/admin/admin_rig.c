#include "admin_rig.h"

#include "base/crypto.h"
#include "proto/control_answer.h"
#include "store/store_user.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_TURNS = 20000, MAX_WAITING = 64, EXPIRY = 1900000000 };

static bool is_draining(void *ctx)
{
    return ((struct admin_rig *)ctx)->is_draining;
}

static bool is_listening(void *ctx)
{
    return ((struct admin_rig *)ctx)->is_listening;
}

static int64_t cert_expiry(void *ctx)
{
    (void)ctx;
    return EXPIRY;
}

static const struct admin_hooks HOOKS = {is_draining, is_listening, cert_expiry};

static uint64_t host_now_ms(void *ctx)
{
    return loop_now_ms(((struct admin_rig *)ctx)->loop);
}

static int64_t host_wall_ms(void *ctx)
{
    return loop_wall_ms(((struct admin_rig *)ctx)->loop);
}

static uint64_t host_clock_us(void *ctx)
{
    (void)ctx;
    return loop_clock_us();
}

static void host_wake_at(void *ctx, uint64_t due_ms)
{
    (void)ctx;
    (void)due_ms;
}

static void on_event(void *ctx, const struct bus_event *event)
{
    struct admin_rig *rig = ctx;

    assert_true(rig->event_count < ADMIN_RIG_MAX_EVENTS);
    rig->events[rig->event_count++] = *event;
    accounts_on_event(rig->workers.accounts[0], event);
}

static void open_worker(struct admin_rig *rig)
{
    const struct accounts_config config = {
        .store = rig->store,
        .mailbox = loop_mailbox(rig->loop),
        .metrics = rig->metrics,
        .epochs = rig->epochs,
        .desk = rig->desk,
        .host = {host_now_ms, host_wall_ms, host_clock_us, host_wake_at, rig},
        .command_ms = 4000,
        .max_pending = 8,
        .max_sessions = 8,
        .shares = {.max_shares = 2},
    };

    rig->workers.mailboxes[0] = loop_mailbox(rig->loop);
    rig->workers.accounts[0] = accounts_new(&config);
    rig->workers.count = 1;
    bus_subscribe(rig->bus, loop_mailbox(rig->loop), on_event, rig);
}

static void open_outbox(struct admin_rig *rig)
{
    const struct outbox_config outbox = {.ca_file = "",
                                         .proxy = "",
                                         .connect_ms = 5000,
                                         .total_ms = 5000,
                                         .max_connections = 2,
                                         .max_waiting = MAX_WAITING};
    struct webhooks_config webhooks = {.store = rig->store,
                                       .retry_ms = 1000,
                                       .max_retry_ms = 1000,
                                       .max_age_ms = 1000,
                                       .max_waiting = 10};

    assert_int_equal(outbox_open(&outbox, NULL, &rig->outbox), ERR_NONE);
    webhooks.outbox = rig->outbox;
    assert_int_equal(webhooks_open(&webhooks, &rig->webhooks), ERR_NONE);
    assert_int_equal(outbox_start(rig->outbox), ERR_NONE);
}

int admin_rig_open(void **state)
{
    struct admin_rig *rig = calloc(1, sizeof *rig);
    const struct store_config store = {.commit_ms = 1, .max_waiting = MAX_WAITING};

    assert_int_equal(crypto_init(), ERR_NONE);
    rig->loop = loop_new();
    rig->log = log_new(STDERR_FILENO, LOG_ERROR, LOG_TEXT, 0);
    rig->metrics = metric_set_new();
    rig->bus = bus_local_new(MAX_WAITING);
    rig->epochs = device_epochs_new();
    rig->relay = relay_new(&(struct relay_config){MAX_WAITING, RELAY_LETTER_MAX});
    rig->desk = relay_desk_new(rig->relay, rig->loop, rig->metrics, true);
    rig->own_desk = relay_desk_new(rig->relay, rig->loop, rig->metrics, false);
    rig->is_listening = true;
    assert_int_equal(store_open(&store, NULL, &rig->store), ERR_NONE);
    open_worker(rig);
    open_outbox(rig);
    snprintf(rig->directory, sizeof rig->directory, "/tmp/admin-XXXXXX");
    assert_non_null(mkdtemp(rig->directory));
    snprintf(rig->path, sizeof rig->path, "%s/control.sock", rig->directory);
    rig->config = (struct admin_config){
        .loop = rig->loop,
        .store = rig->store,
        .bus = rig->bus,
        .desk = rig->own_desk,
        .workers = &rig->workers,
        .outbox = rig->outbox,
        .webhooks = rig->webhooks,
        .log = rig->log,
        .metrics = &rig->metrics,
        .metric_count = 1,
        .own_metrics = rig->metrics,
        .hooks = &HOOKS,
        .hooks_ctx = rig,
        .socket_path = rig->path,
        .version = "1.2.3",
        .node_id = "node-a",
        .region = "eu",
    };
    assert_int_equal(admin_open(&rig->config, NULL, &rig->admin), ERR_NONE);
    admin_rig_connect(rig);
    *state = rig;
    return 0;
}

int admin_rig_close(void **state)
{
    struct admin_rig *rig = *state;

    admin_rig_disconnect(rig);
    admin_stop(rig->admin);
    for (int turns = 0; !admin_is_idle(rig->admin); turns++) {
        assert_true(turns < MAX_TURNS);
        loop_turn(rig->loop, 100);
    }
    outbox_end(rig->outbox, 0);
    store_close(rig->store);
    webhooks_close(rig->webhooks);
    outbox_close(rig->outbox);
    loop_turn(rig->loop, 0);
    accounts_free(rig->workers.accounts[0]);
    relay_desk_free(rig->desk);
    relay_desk_free(rig->own_desk);
    relay_free(rig->relay);
    device_epochs_free(rig->epochs);
    admin_close(rig->admin);
    bus_free(rig->bus);
    loop_free(rig->loop);
    metric_set_free(rig->metrics);
    log_free(rig->log);
    buf_free(&rig->answers);
    assert_int_equal(rmdir(rig->directory), 0); /* the socket file is gone */
    free(rig);
    return 0;
}

static void on_line(void *ctx, struct local_socket *socket, struct str line)
{
    struct admin_rig *rig = ctx;
    struct control_answer answer;

    (void)socket;
    assert_int_equal(control_answer_parse(line, &answer), ERR_NONE);
    buf_append(&rig->answers, line);
    buf_append_byte(&rig->answers, '\n');
    rig->is_answered = answer.kind != CONTROL_ROW;
}

static void on_close(void *ctx, struct local_socket *socket, enum err why)
{
    struct admin_rig *rig = ctx;

    (void)socket;
    (void)why;
    rig->client = NULL;
}

static const struct local_socket_handler HANDLER = {.on_line = on_line, .on_close = on_close};

void admin_rig_connect(struct admin_rig *rig)
{
    const struct local_socket_config config = {
        .max_line = 4 * 1024 * 1024,
        .max_queued = 4 * 1024 * 1024,
        .handler = &HANDLER,
        .ctx = rig,
    };

    assert_null(rig->client);
    assert_int_equal(local_socket_connect(rig->loop, rig->path, &config, &rig->client), ERR_NONE);
}

void admin_rig_disconnect(struct admin_rig *rig)
{
    if (rig->client != NULL)
        local_socket_close(rig->client);
    loop_turn(rig->loop, 0);
    assert_null(rig->client);
}

static void on_user_added(void *ctx, enum err err)
{
    assert_int_equal(err, ERR_NONE);
    ((struct admin_rig *)ctx)->is_answered = true;
}

void admin_rig_add_user(struct admin_rig *rig, const char *account, const char *apikey)
{
    struct user_record user = {.created_ms = 1};

    snprintf(user.account, sizeof user.account, "%s", account);
    if (apikey != NULL)
        snprintf(user.apikey, sizeof user.apikey, "%s", apikey);
    else
        crypto_uuid(user.apikey);
    rig->is_answered = false;
    assert_int_equal(
        store_user_create(rig->store, loop_mailbox(rig->loop), &user, on_user_added, rig), 0);
    for (int turn = 0; !rig->is_answered; turn++) {
        assert_true(turn < MAX_TURNS);
        loop_turn(rig->loop, 5);
    }
}

const char *admin_rig_ask(struct admin_rig *rig, const char *line)
{
    buf_clear(&rig->answers);
    rig->is_answered = false;
    assert_true(local_socket_send(rig->client, str_of(line)));
    for (int turns = 0; !rig->is_answered && rig->client != NULL; turns++) {
        assert_true(turns < MAX_TURNS);
        loop_turn(rig->loop, 100);
    }
    buf_append_byte(&rig->answers, '\0');
    return rig->answers.ptr;
}

const char *admin_rig_do(struct admin_rig *rig, const char *line)
{
    const char *answers = admin_rig_ask(rig, line);
    const char *last = strstr(answers, "{\"ok\":true,\"result\":");

    if (last == NULL)
        fail_msg("%s was answered %s", line, answers);
    return last;
}

void admin_rig_expect_refusal(struct admin_rig *rig, const char *line, const char *code,
                              const char *text)
{
    const char *answers = admin_rig_ask(rig, line);
    char wanted[512];

    snprintf(wanted, sizeof wanted, "{\"error\":{\"code\":\"%s\",\"text\":\"%s", code, text);
    if (strstr(answers, wanted) == NULL)
        fail_msg("%s was answered %s instead of %s", line, answers, wanted);
}

void admin_rig_member(const struct admin_rig *rig, const char *key, char *out, size_t cap)
{
    char start[64];
    const char *at;
    const char *end;

    snprintf(start, sizeof start, "\"%s\":\"", key);
    at = strstr(rig->answers.ptr, start);
    if (at == NULL)
        fail_msg("no %s in %s", key, rig->answers.ptr);
    at += strlen(start);
    end = strchr(at, '"');
    assert_non_null(end);
    assert_true(str_copy((struct str){at, (size_t)(end - at)}, out, cap));
}
