/*
 * address - an IPv4 or IPv6 socket address as a value, and its texts. Pure functions, any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum { ADDRESS_TEXT_CAP = 64 };

/* All zero: any IPv4 and IPv6 address ("*"). */
struct address {
    uint8_t ip[16]; /* IPv4 as IPv4-mapped IPv6 (RFC 4291 section 2.5.5.2) */
    uint16_t port;
    bool is_v6;
};

/* "1.2.3.4:80", "[::1]:80", "*:80" (any IPv4 and IPv6 address), ":80" as "*:80". */
MUST_USE enum err address_parse(struct str text, struct address *out);
/* "1.2.3.4", "::1" or "*", without port. */
const char *address_format_ip(const struct address *address, char out[ADDRESS_TEXT_CAP]);
/* As address_parse() reads it. */
const char *address_format(const struct address *address, char out[ADDRESS_TEXT_CAP]);
bool address_is_any(const struct address *address);
bool address_is_dual(const struct address *address); /* stands for both families: "*" */
bool address_is_loopback(const struct address *address);

/* From the bytes of the wire, the highest first, and back. An IPv4-mapped IPv6 address is IPv4. */
struct address address_from_ipv4(const uint8_t ip[4], uint16_t port);
struct address address_from_ipv6(const uint8_t ip[16], uint16_t port);
const uint8_t *address_ipv4(const struct address *address); /* its four bytes; !is_v6 */
