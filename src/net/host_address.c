#include "net/host_address.h"

#include "net/address_socket.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

/* Copies by family, for a struct sockaddr is smaller than what it stands for. */
static struct address address_of(const struct sockaddr *from)
{
    struct sockaddr_storage storage = {.ss_family = AF_UNSPEC};

    if (from->sa_family == AF_INET)
        memcpy(&storage, from, sizeof(struct sockaddr_in));
    else if (from->sa_family == AF_INET6)
        memcpy(&storage, from, sizeof(struct sockaddr_in6));
    return address_socket_to(&storage);
}

static bool is_link_local(const struct address *address)
{
    return address->is_v6 && address->ip[0] == 0xfe && (address->ip[1] & 0xc0) == 0x80;
}

size_t host_address_list(struct address *out, size_t cap)
{
    struct ifaddrs *all = NULL;
    size_t count = 0;

    if (getifaddrs(&all) != 0)
        return 0;
    for (const struct ifaddrs *at = all; at != NULL && count < cap; at = at->ifa_next) {
        struct address address;

        if (at->ifa_addr == NULL || !(at->ifa_flags & IFF_UP))
            continue;
        address = address_of(at->ifa_addr);
        if (address_is_any(&address) || address_is_loopback(&address) || is_link_local(&address))
            continue;
        address.port = 0;
        out[count++] = address;
    }
    freeifaddrs(all);
    return count;
}
