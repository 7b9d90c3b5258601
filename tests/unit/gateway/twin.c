#include "twin.h"

#include "base/crypto.h"
#include "gateway/gateway_link.h"
#include "loopback.h"
#include "net/transport.h"
#include "store/store_app.h"
#include "store/store_token.h"
#include "store/store_user.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HOUR_MS = 3600 * 1000,
    LINGER_MS = 100, /* clients that a failed test leaves open end with it */
    MOMENT_MS = 500,
    MAX_MESSAGE = 4096,
    TURN_MS = 2,
    MAX_TURNS = 2500, /* of TURN_MS each, for what must come at last */
};

/* What the store has done, told on a mailbox of its own, which no loop turns. */
struct errand {
    struct mailbox *mailbox;
    bool is_done;
};

static void on_done(void *ctx, enum err err)
{
    struct errand *errand = ctx;

    assert_int_equal(err, ERR_NONE);
    errand->is_done = true;
}

static void finish(struct errand *errand)
{
    while (!errand->is_done)
        mailbox_deliver(errand->mailbox);
    mailbox_free(errand->mailbox);
}

static struct token_record the_token(void)
{
    struct token_record token = {
        .kind = TOKEN_ACCESS, .apikey = TWIN_OWNER, .appid = "app", .expires_ms = INT64_MAX};

    crypto_sha256(STR(TWIN_TOKEN), token.hash);
    return token;
}

static void furnish(struct store *store)
{
    const struct app_record app = {.id = "app", .secret = "s"};
    const struct user_record user = {.apikey = TWIN_OWNER, .account = "u"};
    const struct token_record token = the_token();
    struct errand app_made = {mailbox_new(), false};
    struct errand user_made = {mailbox_new(), false};
    struct errand token_made = {mailbox_new(), false};

    assert_int_equal(store_app_create(store, app_made.mailbox, &app, on_done, &app_made), 0);
    finish(&app_made);
    assert_int_equal(store_user_create(store, user_made.mailbox, &user, on_done, &user_made), 0);
    finish(&user_made);
    assert_int_equal(store_token_create(store, token_made.mailbox, &token, on_done, &token_made),
                     0);
    finish(&token_made);
}

static void on_event(void *ctx, const struct bus_event *event)
{
    struct twin_worker *worker = ctx;

    access_on_event(worker->access, event);
    gateway_on_event(worker->gateway, event);
}

static void open_worker(struct twin *twin, struct twin_worker *worker, uint64_t idle_ms)
{
    worker->loop = loop_new();
    worker->conn = (struct conn_config){
        .max_input = 2 * MAX_MESSAGE,
        .max_queued = 64 * 1024,
        .handshake_ms = HOUR_MS,
        .linger_ms = LINGER_MS,
    };
    worker->access = access_new(&(struct access_config){
        .store = twin->store,
        .mailbox = loop_mailbox(worker->loop),
        .max_cached = 16,
        .cache_ms = HOUR_MS,
    });
    worker->desk = relay_desk_new(twin->relay, worker->loop, NULL, true);
    worker->gateway = gateway_new(&(struct gateway_config){
        .loop = worker->loop,
        .store = twin->store,
        .epochs = twin->epochs,
        .desk = worker->desk,
        .access = worker->access,
        .conn = &worker->conn,
        .hb_interval_s = 145,
        .idle_ms = idle_ms,
        .handshake_ms = idle_ms,
        .reject_ms = HOUR_MS,
        .command_ms = HOUR_MS,
        .max_pending = 4,
        .max_sessions = 4,
        .firmware = {.old_frame_bytes = 2048, .small_frame_bytes = 768},
        .max_owners = 16,
        .owner_ms = HOUR_MS,
        .max_message_bytes = MAX_MESSAGE,
    });
    bus_subscribe(twin->bus, loop_mailbox(worker->loop), on_event, worker);
}

static int open_with(void **state, uint64_t idle_ms)
{
    struct twin *twin = calloc(1, sizeof *twin);
    const struct store_config config = {.max_waiting = 64};

    assert_int_equal(crypto_init(), ERR_NONE);
    assert_int_equal(store_open(&config, NULL, &twin->store), ERR_NONE);
    furnish(twin->store);
    twin->bus = bus_local_new(16);
    twin->epochs = device_epochs_new();
    twin->relay = relay_new(&(struct relay_config){16, RELAY_LETTER_MAX});
    for (size_t i = 0; i < 2; i++) {
        open_worker(twin, &twin->workers[i], idle_ms);
        twin->gateways[i] = twin->workers[i].gateway;
    }
    for (size_t i = 0; i < 2; i++)
        gateway_set_peers(twin->gateways[i], twin->gateways, 2);
    *state = twin;
    return 0;
}

int twin_open(void **state)
{
    return open_with(state, HOUR_MS);
}

int twin_open_impatient(void **state)
{
    return open_with(state, MOMENT_MS);
}

void twin_turn(struct twin *twin, size_t worker)
{
    loop_turn(twin->workers[worker].loop, TURN_MS);
}

static bool are_idle(const struct twin *twin)
{
    return gateway_is_idle(twin->gateways[0]) && gateway_is_idle(twin->gateways[1]) &&
           access_is_idle(twin->workers[0].access) && access_is_idle(twin->workers[1].access);
}

int twin_close(void **state)
{
    struct twin *twin = *state;
    int turns = 0;

    gateway_close_all(twin->gateways[0]);
    gateway_close_all(twin->gateways[1]);
    for (; !are_idle(twin) && turns < MAX_TURNS; turns++) {
        twin_turn(twin, 0);
        twin_turn(twin, 1);
    }
    assert_true(are_idle(twin));
    store_close(twin->store);
    for (size_t i = 0; i < 2; i++) {
        gateway_free(twin->workers[i].gateway);
        access_free(twin->workers[i].access);
        relay_desk_free(twin->workers[i].desk);
        loop_free(twin->workers[i].loop);
    }
    bus_free(twin->bus);
    relay_free(twin->relay);
    device_epochs_free(twin->epochs);
    free(twin);
    return 0;
}

void twin_connect(struct twin *twin, size_t worker, struct twin_client *client)
{
    struct twin_worker *host = &twin->workers[worker];
    int ours;

    *client = (struct twin_client){.twin = twin};
    loopback_pair(&ours, &client->fd);
    gateway_link_new(host->gateway, conn_new(host->loop, ours, transport_plain_new(), &host->conn));
    twin_turn(twin, worker);
}

/* One frame; its mask is zeros, which leave the text as it is. */
void twin_say(struct twin_client *client, const char *text)
{
    size_t len = strlen(text);
    const char head[] = {
        (char)0x81, (char)(0x80 | 126), (char)(len >> 8), (char)(len & 0xff), 0, 0, 0, 0};

    assert_in_range(len, 126, UINT16_MAX);
    loopback_send(client->fd, head, sizeof head);
    loopback_send(client->fd, text, len);
}

void twin_ping(struct twin_client *client)
{
    static const char ping[] = {(char)0x89, (char)0x80, 0, 0, 0, 0};

    loopback_send(client->fd, ping, sizeof ping);
}

bool twin_was_sent(struct twin_client *client, const char *text)
{
    char bytes[4096];
    ssize_t len;

    twin_turn(client->twin, 0);
    twin_turn(client->twin, 1);
    len = recv(client->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    assert_true(len >= 0 || errno == EAGAIN || errno == ECONNRESET);
    if (len > 0)
        buf_append(&client->got, (struct str){bytes, (size_t)len});
    return client->got.len > 0 &&
           memmem(client->got.ptr, client->got.len, text, strlen(text)) != NULL;
}

void twin_await(struct twin_client *client, const char *text)
{
    for (int turns = 0; turns < MAX_TURNS; turns++)
        if (twin_was_sent(client, text))
            return;
    for (size_t i = 0; i < client->got.len; i++) /* heads of frames hold NUL */
        if (client->got.ptr[i] == '\0')
            client->got.ptr[i] = '?';
    fail_msg("'%s' was not sent but: " STR_FMT, text, STR_ARG(buf_str(&client->got)));
}

void twin_hang_up(struct twin_client *client)
{
    buf_free(&client->got);
    close(client->fd);
}

void twin_revoke(struct twin *twin)
{
    struct bus_event event = {.topic = BUS_TOKEN_REVOKED, .account = TWIN_OWNER};
    struct token_record token = the_token();
    struct errand revoked = {mailbox_new(), false};

    token.revoked_ms = 1;
    assert_int_equal(store_token_revoke(twin->store, revoked.mailbox, &token, on_done, &revoked),
                     0);
    finish(&revoked);
    crypto_hex(token.hash, sizeof token.hash, event.subject);
    assert_int_equal(bus_publish(twin->bus, &event), ERR_NONE);
}

static void on_row(void *ctx, const struct census_row *row)
{
    size_t *count = ctx;

    (void)row;
    ++*count;
}

size_t twin_census(struct twin *twin, size_t worker)
{
    size_t count = 0;

    accounts_census(gateway_accounts(twin->gateways[worker]), on_row, &count);
    return count;
}
