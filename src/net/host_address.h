/*
 * host_address - the addresses at which other machines can reach this one. Any thread.
 */
#pragma once

#include "net/address.h"

#include <stddef.h>

/* Fills out[0..cap) with those of network interfaces that are up, with port 0; loopback ones are
 * left out, and IPv6 link-local ones, which mean nothing without an interface's name. Returns how
 * many; 0 when the system does not say. */
size_t host_address_list(struct address *out, size_t cap);
