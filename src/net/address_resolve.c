#include "net/address_resolve.h"

#include "net/address_socket.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_CAP = 256, PORT_CAP = 8 };

static enum err look_up(const char *name, const char *port, struct address *out,
                        struct problem *problem)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    const struct addrinfo *best;
    struct sockaddr_storage found = {0};
    int failure = getaddrinfo(name, port, &hints, &list);

    if (failure != 0 || list == NULL)
        return problem_set(problem, ERR_NOT_FOUND, 0, "can't resolve \"%s\": %s", name,
                           gai_strerror(failure));
    best = list;
    for (const struct addrinfo *at = list; at != NULL; at = at->ai_next)
        if (at->ai_family == AF_INET && best->ai_family != AF_INET)
            best = at;
    memcpy(&found, best->ai_addr, best->ai_addrlen);
    freeaddrinfo(list);
    *out = address_socket_to(&found);
    return ERR_NONE;
}

enum err address_resolve(struct str text, struct address *out, struct problem *problem)
{
    char name[NAME_CAP];
    char port[PORT_CAP];
    size_t colon = str_find(text, ':');

    if (address_parse(text, out) == ERR_NONE && !address_is_any(out))
        return ERR_NONE;
    if (colon == 0 || colon == text.len || !str_copy(str_sub(text, 0, colon), name, sizeof name) ||
        !str_copy(str_sub(text, colon + 1, text.len), port, sizeof port))
        return problem_set(problem, ERR_INVALID, 0, "want HOST:PORT");
    return look_up(name, port, out, problem);
}
