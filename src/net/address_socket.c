#include "net/address_socket.h"

#include <netinet/in.h>
#include <string.h>

socklen_t address_socket_from(const struct address *address, struct sockaddr_storage *out)
{
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(address->port)};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(address->port)};

    memset(out, 0, sizeof *out);
    if (address->is_v6 || address_is_dual(address)) {
        memcpy(&v6.sin6_addr, address->ip, sizeof address->ip);
        memcpy(out, &v6, sizeof v6);
        return sizeof v6;
    }
    memcpy(&v4.sin_addr, address_ipv4(address), 4);
    memcpy(out, &v4, sizeof v4);
    return sizeof v4;
}

struct address address_socket_to(const struct sockaddr_storage *from)
{
    struct sockaddr_in6 v6;
    struct sockaddr_in v4;

    switch (from->ss_family) {
    case AF_INET6:
        memcpy(&v6, from, sizeof v6);
        return address_from_ipv6(v6.sin6_addr.s6_addr, ntohs(v6.sin6_port));
    case AF_INET:
        memcpy(&v4, from, sizeof v4);
        return address_from_ipv4((const uint8_t *)&v4.sin_addr, ntohs(v4.sin_port));
    default:
        return (struct address){.port = 0};
    }
}

struct address address_socket_local(int fd)
{
    struct sockaddr_storage storage = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof storage;

    if (getsockname(fd, (struct sockaddr *)&storage, &len) != 0)
        storage.ss_family = AF_UNSPEC;
    return address_socket_to(&storage);
}

struct address address_socket_peer(int fd)
{
    struct sockaddr_storage storage = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof storage;

    if (getpeername(fd, (struct sockaddr *)&storage, &len) != 0)
        storage.ss_family = AF_UNSPEC;
    return address_socket_to(&storage);
}
