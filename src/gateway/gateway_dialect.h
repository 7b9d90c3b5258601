/*
 * gateway_dialect - how a device's firmware reads, as far as its register tells.
 *
 * Pure functions, private to gateway. Rules: docs/protocol.md, "What devices are sent".
 */
#pragma once

#include "domain/device_link.h"
#include "gateway/gateway.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gateway_dialect {
    GATEWAY_MODERN,
    GATEWAY_SMALL, /* tells its version as a string: the SDK with one small buffer */
    GATEWAY_OLD,   /* of a version before 7: a scanner for JSON, numbers for booleans */
};

enum gateway_dialect gateway_dialect_of(int64_t version, bool is_text);

/* How commands reach it. */
struct device_pace gateway_dialect_pace(const struct gateway_firmware *firmware,
                                        enum gateway_dialect dialect);
/* Whether a text of that length leaves as a frame that it can read. */
bool gateway_dialect_fits(const struct gateway_firmware *firmware, enum gateway_dialect dialect,
                          size_t text_bytes);
