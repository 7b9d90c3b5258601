/*
 * address_resolve - a host name to an address, for tools: it blocks. Never on a worker.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/problem.h"
#include "base/str.h"
#include "net/address.h"

/* "name:port", "1.2.3.4:port" or "[::1]:port"; IPv4 is preferred. The problem says what is wrong.
 */
MUST_USE enum err address_resolve(struct str text, struct address *out, struct problem *problem);
