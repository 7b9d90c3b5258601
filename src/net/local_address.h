/*
 * local_address - the path of a Unix socket as the system calls take it. For src/net only.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"

#include <sys/socket.h>
#include <sys/un.h>

/* ERR_INVALID: empty, or longer than the system allows (about 100 bytes). */
MUST_USE enum err local_address_from(const char *path, struct sockaddr_un *out);
