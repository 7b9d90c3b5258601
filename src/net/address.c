#include "net/address.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>

static const uint8_t MAPPED[12] = {[10] = 0xff, [11] = 0xff};
static const uint8_t ZERO[16];

static bool parse_ipv4(struct str text, struct address *out)
{
    char host[ADDRESS_TEXT_CAP];

    if (!str_copy(text, host, sizeof host) || strlen(host) != text.len)
        return false;
    memcpy(out->ip, MAPPED, sizeof MAPPED);
    return inet_pton(AF_INET, host, out->ip + sizeof MAPPED) == 1;
}

/* text: with its brackets. */
static bool parse_ipv6(struct str text, struct address *out)
{
    struct str inner = str_sub(text, 1, text.len - 2);
    char host[ADDRESS_TEXT_CAP];
    uint8_t ip[16];

    if (text.len < 2 || text.ptr[text.len - 1] != ']')
        return false;
    if (!str_copy(inner, host, sizeof host) || strlen(host) != inner.len)
        return false;
    if (inet_pton(AF_INET6, host, ip) != 1)
        return false;
    *out = address_from_ipv6(ip, 0);
    return true;
}

static bool parse_host(struct str text, struct address *out)
{
    if (text.len == 0 || str_eq(text, STR("*")))
        return true; /* *out is all zero */
    return text.ptr[0] == '[' ? parse_ipv6(text, out) : parse_ipv4(text, out);
}

enum err address_parse(struct str text, struct address *out)
{
    struct address address = {.port = 0};
    size_t colon = text.len;
    uint64_t port;

    while (colon > 0 && text.ptr[colon - 1] != ':')
        colon--;
    if (colon == 0 || text.len - colon > 5)
        return ERR_INVALID;
    if (!str_to_u64(str_sub(text, colon, text.len), &port) || port > UINT16_MAX)
        return ERR_INVALID;
    if (!parse_host(str_sub(text, 0, colon - 1), &address))
        return ERR_INVALID;
    address.port = (uint16_t)port;
    *out = address;
    return ERR_NONE;
}

/* inet_ntop() goes through printf, and this is on the way of each dispatch. */
static void format_ipv4(const uint8_t ip[4], char *out)
{
    for (int i = 0; i < 4; i++) {
        if (ip[i] >= 100)
            *out++ = (char)('0' + ip[i] / 100);
        if (ip[i] >= 10)
            *out++ = (char)('0' + ip[i] / 10 % 10);
        *out++ = (char)('0' + ip[i] % 10);
        *out++ = i < 3 ? '.' : '\0';
    }
}

const char *address_format_ip(const struct address *address, char out[ADDRESS_TEXT_CAP])
{
    if (address_is_dual(address))
        str_copy(STR("*"), out, ADDRESS_TEXT_CAP);
    else if (address->is_v6)
        inet_ntop(AF_INET6, address->ip, out, ADDRESS_TEXT_CAP);
    else
        format_ipv4(address_ipv4(address), out);
    return out;
}

const char *address_format(const struct address *address, char out[ADDRESS_TEXT_CAP])
{
    char ip[ADDRESS_TEXT_CAP];

    address_format_ip(address, ip);
    snprintf(out, ADDRESS_TEXT_CAP, address->is_v6 ? "[%.48s]:%u" : "%.48s:%u", ip,
             (unsigned)address->port);
    return out;
}

bool address_is_any(const struct address *address)
{
    static const uint8_t v4_any[4];

    if (memcmp(address->ip, ZERO, sizeof ZERO) == 0)
        return true;
    return !address->is_v6 && memcmp(address_ipv4(address), v4_any, sizeof v4_any) == 0;
}

/* "*" is kept as all zero with is_v6 false, which is no IPv4 address (those are mapped). */
bool address_is_dual(const struct address *address)
{
    return !address->is_v6 && memcmp(address->ip, ZERO, sizeof ZERO) == 0;
}

bool address_is_loopback(const struct address *address)
{
    static const uint8_t v6_loopback[16] = {[15] = 1};

    if (address->is_v6)
        return memcmp(address->ip, v6_loopback, sizeof v6_loopback) == 0;
    return !address_is_dual(address) && address_ipv4(address)[0] == 127;
}

struct address address_from_ipv4(const uint8_t ip[4], uint16_t port)
{
    struct address address = {.port = port};

    memcpy(address.ip, MAPPED, sizeof MAPPED);
    memcpy(address.ip + sizeof MAPPED, ip, 4);
    return address;
}

struct address address_from_ipv6(const uint8_t ip[16], uint16_t port)
{
    struct address address = {.port = port, .is_v6 = memcmp(ip, MAPPED, sizeof MAPPED) != 0};

    memcpy(address.ip, ip, sizeof address.ip);
    return address;
}

const uint8_t *address_ipv4(const struct address *address)
{
    assert(!address->is_v6);
    return address->ip + sizeof MAPPED;
}
