/*
 * address_socket - an address as the system calls take it, and back. For src/net only.
 */
#pragma once

#include "net/address.h"

#include <sys/socket.h>

/* Fills *out and returns the length to hand to bind() or connect(). "*" becomes "::". */
socklen_t address_socket_from(const struct address *address, struct sockaddr_storage *out);
/* An address that is neither IPv4 nor IPv6 gives one that is all zero. */
struct address address_socket_to(const struct sockaddr_storage *from);

/* Of the socket's own end and of its peer's; all zero when there is none. */
struct address address_socket_local(int fd);
struct address address_socket_peer(int fd);
