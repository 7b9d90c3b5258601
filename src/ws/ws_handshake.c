#include "ws/ws_handshake.h"

#include "base/crypto.h"

#include <assert.h>

enum { MAX_REPLY_BYTES = 8 * 1024 };

void ws_handshake_accept(struct str key, char out[WS_ACCEPT_CAP])
{
    struct buf text = BUF_EMPTY;
    uint8_t digest[CRYPTO_SHA1_BYTES];

    buf_append(&text, key);
    buf_append(&text, STR("258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
    crypto_sha1(buf_str(&text), digest);
    crypto_base64(digest, sizeof digest, out, WS_ACCEPT_CAP);
    buf_free(&text);
}

void ws_handshake_response(struct buf *out, struct str key)
{
    char accept[WS_ACCEPT_CAP];

    ws_handshake_accept(key, accept);
    buf_printf(out,
               "HTTP/1.1 101 Switching Protocols\r\n"
               "Upgrade: websocket\r\n"
               "Connection: Upgrade\r\n"
               "Sec-WebSocket-Accept: %s\r\n"
               "\r\n",
               accept);
}

void ws_handshake_request(struct buf *out, struct str host, struct str path, struct str subprotocol,
                          char key[WS_KEY_CAP])
{
    uint8_t nonce[16];

    crypto_random(nonce, sizeof nonce);
    crypto_base64(nonce, sizeof nonce, key, WS_KEY_CAP);
    buf_printf(out,
               "GET " STR_FMT
               " HTTP/1.1\r\n"
               "Host: " STR_FMT
               "\r\n"
               "Upgrade: websocket\r\n"
               "Connection: Upgrade\r\n"
               "Sec-WebSocket-Key: %s\r\n"
               "Sec-WebSocket-Version: 13\r\n",
               STR_ARG(path), STR_ARG(host), key);
    if (subprotocol.len > 0)
        buf_printf(out, "Sec-WebSocket-Protocol: " STR_FMT "\r\n", STR_ARG(subprotocol));
    buf_append(out, STR("\r\n"));
}

/* What a server's reply must and must not hold (RFC 6455 section 4.1). */
struct reply {
    bool upgrades;
    bool websocket;
    bool accepted;
    bool extended; /* it chose an extension, and none was offered */
    struct str subprotocol;
};

static bool has_item(struct str list, struct str item)
{
    struct str head;

    while (str_split(&list, ',', &head)) {
        if (str_eq_nocase(str_trim(head), item))
            return true;
    }
    return false;
}

static void take_header(struct reply *reply, struct str name, struct str value, const char *key)
{
    char accept[WS_ACCEPT_CAP];

    if (str_eq_nocase(name, STR("connection"))) {
        reply->upgrades |= has_item(value, STR("upgrade"));
    } else if (str_eq_nocase(name, STR("upgrade"))) {
        reply->websocket |= str_eq_nocase(value, STR("websocket"));
    } else if (str_eq_nocase(name, STR("sec-websocket-accept"))) {
        ws_handshake_accept(str_of(key), accept);
        reply->accepted |= str_eq(value, str_of(accept));
    } else if (str_eq_nocase(name, STR("sec-websocket-extensions"))) {
        reply->extended = true;
    } else if (str_eq_nocase(name, STR("sec-websocket-protocol"))) {
        reply->subprotocol = value;
    }
}

/* Length of the head with its empty line; 0 when it has not come. */
static size_t head_len(struct str bytes)
{
    static const struct str end = {"\r\n\r\n", 4};

    for (size_t at = 0; at < bytes.len; at++) {
        at += str_find(str_sub(bytes, at, bytes.len), '\r');
        if (str_starts(str_sub(bytes, at, bytes.len), end))
            return at + end.len;
    }
    return 0;
}

static bool is_accepted(const struct reply *reply, struct str subprotocol)
{
    return reply->upgrades && reply->websocket && reply->accepted && !reply->extended &&
           str_eq(reply->subprotocol, subprotocol);
}

enum ws_reply ws_handshake_check(struct str bytes, const char *key, struct str subprotocol,
                                 size_t *head_bytes)
{
    size_t len = head_len(str_sub(bytes, 0, MAX_REPLY_BYTES));
    struct str rest = str_sub(bytes, 0, len);
    struct reply reply = {0};
    struct str line;

    assert(key != NULL);
    if (len == 0)
        return bytes.len < MAX_REPLY_BYTES ? WS_REPLY_MORE : WS_REPLY_REFUSED;
    (void)str_split(&rest, '\n', &line);
    if (!str_starts(line, STR("HTTP/1.1 101 ")) && !str_eq(line, STR("HTTP/1.1 101\r")))
        return WS_REPLY_REFUSED;
    while (str_split(&rest, '\n', &line)) {
        size_t colon = str_find(line, ':');

        take_header(&reply, str_sub(line, 0, colon), str_trim(str_sub(line, colon + 1, line.len)),
                    key);
    }
    if (!is_accepted(&reply, subprotocol))
        return WS_REPLY_REFUSED;
    *head_bytes = len;
    return WS_REPLY_ACCEPTED;
}
