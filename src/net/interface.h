/*
 * interface - the addresses of this machine's own network interfaces. Any thread.
 */
#pragma once

#include "net/address.h"

#include <stddef.h>

/* At most `cap` addresses with port 0, loopback among them, IPv6 link-local ones left out (they
 * mean nothing without an interface's name). Returns how many; 0 when the system does not tell. */
size_t interface_addresses(struct address *out, size_t cap);
