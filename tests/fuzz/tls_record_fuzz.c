/*
 * A client that has the keys says what the input tells it to, then some of its bytes are changed:
 * the server opens what was said, in order, up to the first byte that is not the client's, and
 * nothing else; its answers stay small; and none of it depends on how the bytes are cut.
 *
 * The input: a kind; the size of a cut; how many things are said, and each of them; how many bytes
 * are changed, and each of them. What is missing is zero.
 */
#include "tls/tls_record_private.h"

#include "base/alloc.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum {
    SAID_MAX = 48,
    CHANGES_MAX = 8,
    ANSWERS_MAX = TLS_TRANSPORT_CONTROL_SPARE + 16, /* what the longest data earns is less */
    ANSWER_MAX = 64,
    RAW_MAX = 64,
};

/* What is said: data in three sizes, other records, bytes that are no record at all. */
enum said { SAID_SHORT, SAID_LONG, SAID_FULL, SAID_RECORD, SAID_UPDATE, SAID_RAW, SAID_KINDS };

struct input {
    const uint8_t *at;
    size_t left;
};

struct script {
    struct buf wire;
    struct buf data; /* all that was sealed as data */
    size_t controls; /* records of KeyUpdates */
    bool is_plain;   /* nothing but data and KeyUpdates that may be, and none of it changed */
};

struct outcome {
    enum transport_status status;
    struct buf plain;
    size_t answer_len;
};

static uint8_t take_byte(struct input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->at++;
}

static struct str take_bytes(struct input *input, size_t max)
{
    size_t len = max < input->left ? max : input->left;
    struct str bytes = {(const char *)input->at, len};

    input->at += len;
    input->left -= len;
    return bytes;
}

static struct tls_record *record_new(struct transport_thread *thread, uint8_t kind,
                                     uint8_t read_seed, uint8_t write_seed)
{
    struct pool *pool = pool_new();
    struct tls_record *record = tls_record_make(pool);
    bool is_13 = kind / TLS_CIPHERS == 0;
    struct tls_keys *both[] = {&record->read, &record->write};
    const uint8_t seeds[] = {read_seed, write_seed};

    pool_free(pool); /* lasts as long as the record */
    for (size_t i = 0; i < 2; i++) {
        both[i]->cipher = kind % TLS_CIPHERS;
        both[i]->hash = TLS_HASH_SHA256;
        memset(both[i]->secret, is_13 ? seeds[i] : 0, sizeof both[i]->secret);
        memset(both[i]->key, seeds[i], sizeof both[i]->key);
        memset(both[i]->iv, seeds[i], sizeof both[i]->iv);
        if (is_13)
            tls_keys_derive(both[i], tls_crypt_derive(tls_crypt_of(thread)));
    }
    tls_record_handover_begin(record, is_13);
    return record;
}

static void say_data(struct tls_record *client, struct script *script, size_t len)
{
    static char text[TLS_RECORD_PLAIN_MAX];
    struct str data = {text, len};

    memset(text, (int)script->data.len, len);
    buf_append(&script->data, data);
    tls_record_seal(client, TLS_CONTENT_DATA, data, &script->wire);
}

/* In TLS 1.3 a type of zero is padding, and the text's last byte but zeros is the type. */
static void note_data(const struct tls_record *client, struct script *script, uint8_t type,
                      struct str bytes)
{
    while (client->is_13 && type == 0 && bytes.len > 0) {
        bytes.len--;
        type = (uint8_t)bytes.ptr[bytes.len];
    }
    if (type == TLS_CONTENT_DATA)
        buf_append(&script->data, bytes);
}

/* Cut behind each of its first four bytes whose bit is set. */
static void say_update(struct tls_record *client, struct script *script, uint8_t how)
{
    const char bytes[] = {24, 0, 0, 1, how & 1};
    size_t from = 0;

    if (!client->is_13)
        return;
    for (size_t at = 1; at <= sizeof bytes; at++) {
        if (at < sizeof bytes && !(how >> at & 1))
            continue;
        tls_record_seal(client, TLS_CONTENT_HANDSHAKE, (struct str){bytes + from, at - from},
                        &script->wire);
        script->controls++;
        from = at;
    }
    tls_keys_advance(&client->write, tls_crypt_derive(client->crypt));
    if (script->controls > TLS_TRANSPORT_CONTROL_SPARE)
        script->is_plain = false;
}

static void say(struct tls_record *client, struct script *script, struct input *input)
{
    switch ((enum said)(take_byte(input) % SAID_KINDS)) {
    case SAID_SHORT:
        say_data(client, script, take_byte(input) % 32U + 1);
        return;
    case SAID_LONG:
        say_data(client, script, 64U * take_byte(input) + 1);
        return;
    case SAID_FULL:
        say_data(client, script, TLS_RECORD_PLAIN_MAX - take_byte(input) % 4U);
        return;
    case SAID_RECORD: {
        enum tls_content type = (enum tls_content)take_byte(input);
        struct str bytes = take_bytes(input, take_byte(input) % 16U);

        note_data(client, script, (uint8_t)type, bytes);
        tls_record_seal(client, type, bytes, &script->wire);
        break;
    }
    case SAID_UPDATE:
        say_update(client, script, take_byte(input));
        return;
    case SAID_RAW:
        buf_append(&script->wire, take_bytes(input, take_byte(input) % RAW_MAX));
        break;
    case SAID_KINDS:
        break;
    }
    script->is_plain = false;
}

static void change(struct script *script, struct input *input)
{
    size_t at = (size_t)take_byte(input) << 8 | take_byte(input);
    uint8_t bits = take_byte(input);

    if (at >= script->wire.len || bits == 0)
        return;
    script->wire.ptr[at] = (char)((uint8_t)script->wire.ptr[at] ^ bits);
    script->is_plain = false;
}

static struct script make_script(struct transport_thread *thread, uint8_t kind, struct input *input)
{
    struct script script = {.is_plain = true};
    struct tls_record *client = record_new(thread, kind, 1, 2);
    uint8_t said = take_byte(input) % SAID_MAX;
    uint8_t changes;

    transport_settle(&client->base, thread);
    for (uint8_t i = 0; i < said; i++)
        say(client, &script, input);
    changes = take_byte(input) % CHANGES_MAX;
    for (uint8_t i = 0; i < changes; i++)
        change(&script, input);
    client->base.ops->free(&client->base);
    return script;
}

static struct outcome feed(struct transport_thread *thread, uint8_t kind, struct str wire,
                           size_t step)
{
    struct transport *server = &record_new(thread, kind, 2, 1)->base;
    struct outcome outcome = {.status = TRANSPORT_OK};
    struct buf answer = BUF_EMPTY;
    size_t cap = wire.len + TRANSPORT_READ_MIN;
    char *room = alloc_zero(cap);

    transport_settle(server, thread);
    while (wire.len > 0 && outcome.status == TRANSPORT_OK) {
        struct str part = str_sub(wire, 0, step);
        struct transport_read out = {.ptr = room};

        out.cap = part.len + TRANSPORT_READ_SLACK;
        if (out.cap < TRANSPORT_READ_MIN)
            out.cap = TRANSPORT_READ_MIN;
        outcome.status = server->ops->read(server, part, &out, &answer);
        assert(out.established == (outcome.status != TRANSPORT_FAILED));
        buf_append(&outcome.plain, (struct str){room, out.len});
        wire = str_sub(wire, part.len, wire.len);
    }
    server->ops->close(server, &answer);
    outcome.answer_len = answer.len;
    server->ops->free(server);
    buf_free(&answer);
    free(room);
    return outcome;
}

static void check(const struct script *script, const struct outcome *outcome)
{
    struct str data = buf_str(&script->data);

    assert(outcome->answer_len <= (size_t)ANSWERS_MAX * ANSWER_MAX);
    assert(str_starts(data, buf_str(&outcome->plain)));
    if (!script->is_plain)
        return;
    assert(outcome->status == TRANSPORT_OK);
    assert(outcome->plain.len == data.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct transport_thread thread; /* kept for the whole run */
    struct input input = {data, size};
    uint8_t kind = take_byte(&input) % (2 * TLS_CIPHERS);
    size_t step = take_byte(&input) + 1U;
    struct script script;
    struct outcome whole;
    struct outcome cut;

    script = make_script(&thread, kind, &input);
    whole = feed(&thread, kind, buf_str(&script.wire), SIZE_MAX);
    cut = feed(&thread, kind, buf_str(&script.wire), step);
    check(&script, &whole);
    assert(whole.status == cut.status && whole.answer_len == cut.answer_len);
    assert(str_eq(buf_str(&whole.plain), buf_str(&cut.plain)));
    buf_free(&script.wire);
    buf_free(&script.data);
    buf_free(&whole.plain);
    buf_free(&cut.plain);
    return 0;
}
