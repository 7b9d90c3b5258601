#include "net/proxy_header.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    V1_MAX = 107, /* the longest line with its CR LF, specification section 2.1 */
    V2_FIXED = 16,
    V2_IPV4 = 12, /* two addresses, two ports */
    V2_IPV6 = 36,
};

static const struct str V1_SIGNATURE = {"PROXY ", 6};
static const struct str V2_SIGNATURE = {"\r\n\r\n\0\r\nQUIT\n", 12};

/* What has come agrees with the signature as far as both go. */
static bool can_be(struct str bytes, struct str signature)
{
    size_t len = bytes.len < signature.len ? bytes.len : signature.len;

    return len == 0 || memcmp(bytes.ptr, signature.ptr, len) == 0;
}

/* "0".."65535", no leading zero. */
static bool is_port(struct str port)
{
    uint64_t value;

    if (port.len == 0 || port.len > 5 || (port.len > 1 && port.ptr[0] == '0'))
        return false;
    return str_to_u64(port, &value) && value <= UINT16_MAX;
}

static bool parse_endpoint(struct str ip, struct str port, bool is_v6, struct address *out)
{
    char text[ADDRESS_TEXT_CAP];
    bool has_colon = str_find(ip, ':') < ip.len;
    int len;

    if (ip.len == 0 || ip.len > 39 + 6 || !is_port(port) || has_colon != is_v6)
        return false;
    len = is_v6 ? snprintf(text, sizeof text, "[" STR_FMT "]:" STR_FMT, STR_ARG(ip), STR_ARG(port))
                : snprintf(text, sizeof text, STR_FMT ":" STR_FMT, STR_ARG(ip), STR_ARG(port));
    /* A NUL in the text would cut it short. */
    if (len != (int)(ip.len + port.len) + (is_v6 ? 3 : 1) || strlen(text) != (size_t)len)
        return false;
    return str_find(ip, '*') == ip.len && address_parse(str_of(text), out) == ERR_NONE;
}

/* line: what stands between "PROXY " and CR LF. */
static bool parse_v1_line(struct str line, struct proxy_header *out)
{
    bool ends_in_space = line.len > 0 && line.ptr[line.len - 1] == ' ';
    struct str fields[5];
    bool is_v6;

    if (str_eq(line, STR("UNKNOWN")) || str_starts(line, STR("UNKNOWN ")))
        return true;
    for (int i = 0; i < 5; i++)
        if (!str_split(&line, ' ', &fields[i]) || fields[i].len == 0)
            return false;
    if (line.len > 0 || ends_in_space ||
        (!str_eq(fields[0], STR("TCP4")) && !str_eq(fields[0], STR("TCP6"))))
        return false;
    is_v6 = str_eq(fields[0], STR("TCP6"));
    out->has_addresses = true;
    return parse_endpoint(fields[1], fields[3], is_v6, &out->source) &&
           parse_endpoint(fields[2], fields[4], is_v6, &out->destination);
}

static enum proxy_header_result parse_v1(struct str bytes, struct proxy_header *out)
{
    struct proxy_header header = {.has_addresses = false};
    struct str most = str_sub(bytes, 0, V1_MAX);
    size_t end = str_find(most, '\n');
    size_t from = V1_SIGNATURE.len;

    if (end == most.len)
        return most.len == V1_MAX ? PROXY_HEADER_BAD : PROXY_HEADER_MORE;
    if (most.ptr[end - 1] != '\r')
        return PROXY_HEADER_BAD;
    if (end - 1 < from || !parse_v1_line(str_sub(most, from, end - 1 - from), &header))
        return PROXY_HEADER_BAD;
    header.len = end + 1;
    *out = header;
    return PROXY_HEADER_DONE;
}

static uint16_t port_at(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

/* body: what follows the fixed part; the addresses first, then TLVs, which are passed over. */
static bool parse_v2_body(uint8_t family, struct str body, struct proxy_header *out)
{
    const uint8_t *at = (const uint8_t *)body.ptr;

    if (family == 0x11) { /* TCP over IPv4 */
        if (body.len < V2_IPV4)
            return false;
        out->source = address_from_ipv4(at, port_at(at + 8));
        out->destination = address_from_ipv4(at + 4, port_at(at + 10));
    } else if (family == 0x21) { /* TCP over IPv6 */
        if (body.len < V2_IPV6)
            return false;
        out->source = address_from_ipv6(at, port_at(at + 32));
        out->destination = address_from_ipv6(at + 16, port_at(at + 34));
    } else {
        return true; /* unspecified, datagrams, local sockets: nothing a TCP peer could be */
    }
    out->has_addresses = true;
    return true;
}

static enum proxy_header_result parse_v2(struct str bytes, struct proxy_header *out)
{
    const uint8_t *at = (const uint8_t *)bytes.ptr;
    struct proxy_header header = {.has_addresses = false};
    size_t body_len;
    uint8_t command;

    if (bytes.len < V2_FIXED)
        return PROXY_HEADER_MORE;
    command = at[12] & 0x0f;
    body_len = (size_t)(at[14] << 8 | at[15]);
    if (at[12] >> 4 != 2 || command > 1 || body_len > PROXY_HEADER_MAX - V2_FIXED)
        return PROXY_HEADER_BAD;
    if (bytes.len - V2_FIXED < body_len)
        return PROXY_HEADER_MORE;
    if (command == 1 && !parse_v2_body(at[13], str_sub(bytes, V2_FIXED, body_len), &header))
        return PROXY_HEADER_BAD;
    header.len = V2_FIXED + body_len;
    *out = header;
    return PROXY_HEADER_DONE;
}

enum proxy_header_result proxy_header_parse(struct str bytes, struct proxy_header *out)
{
    if (can_be(bytes, V1_SIGNATURE))
        return bytes.len < V1_SIGNATURE.len ? PROXY_HEADER_MORE : parse_v1(bytes, out);
    if (can_be(bytes, V2_SIGNATURE))
        return parse_v2(bytes, out);
    return PROXY_HEADER_BAD;
}
