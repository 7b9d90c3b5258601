#include "net/interface.h"

#include "net/address_socket.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

static bool is_link_local(const struct sockaddr *from)
{
    struct sockaddr_in6 v6;

    if (from->sa_family != AF_INET6)
        return false;
    memcpy(&v6, from, sizeof v6);
    return IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr);
}

static bool is_usable(const struct sockaddr *from)
{
    if (from == NULL || (from->sa_family != AF_INET && from->sa_family != AF_INET6))
        return false;
    return !is_link_local(from);
}

size_t interface_addresses(struct address *out, size_t cap)
{
    struct ifaddrs *first;
    size_t count = 0;

    if (getifaddrs(&first) != 0)
        return 0;
    for (const struct ifaddrs *at = first; at != NULL && count < cap; at = at->ifa_next) {
        struct sockaddr_storage from = {0};

        if (!is_usable(at->ifa_addr))
            continue;
        memcpy(&from, at->ifa_addr,
               at->ifa_addr->sa_family == AF_INET ? sizeof(struct sockaddr_in)
                                                  : sizeof(struct sockaddr_in6));
        out[count++] = address_socket_to(&from);
    }
    freeifaddrs(first);
    return count;
}
