/*
 * network - which addresses count as one, where what peers may do is counted.
 *
 * Who has one address of an IPv6 network of 64 bits has all of them. Any thread.
 */
#pragma once

#include "base/str.h"

enum { NETWORK_CAP = 17 };

/* The key of an address: of an IPv6 address its first 64 bits, written to out, else ip itself. */
struct str network_of(struct str ip, char out[static NETWORK_CAP]);
