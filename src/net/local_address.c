#include "net/local_address.h"

#include "base/str.h"

enum err local_address_from(const char *path, struct sockaddr_un *out)
{
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (path[0] == '\0' || !str_copy(str_of(path), out->sun_path, sizeof out->sun_path))
        return ERR_INVALID;
    return ERR_NONE;
}
