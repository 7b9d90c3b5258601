/*
 * host_address - the addresses of this machine's network interfaces.
 */
#pragma once

#include "net/address.h"

#include <stddef.h>

/* Fills out[0..cap) with those that are up, loopback and IPv6 link-local ones left out; port 0.
 * Returns how many, 0 when the system does not say. */
size_t host_address_list(struct address *out, size_t cap);
