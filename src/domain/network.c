#include "domain/network.h"

#include "base/crypto.h"

#include <arpa/inet.h>

/* The text leaves out some of the zeros, and not always the same ones of one network. */
struct str network_of(struct str ip, char out[static NETWORK_CAP])
{
    char text[INET6_ADDRSTRLEN];
    uint8_t bytes[sizeof(struct in6_addr)];

    if (!str_copy(ip, text, sizeof text) || inet_pton(AF_INET6, text, bytes) != 1)
        return ip;
    crypto_hex(bytes, (NETWORK_CAP - 1) / 2, out);
    return str_of(out);
}
