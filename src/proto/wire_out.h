/*
 * wire_out - appends members of a protocol message that need no escaping, at one reserve each.
 *
 * What json_out is for text from anywhere, this is for the hot path: contents that a scan gave
 * (escapes undecoded, so they go out byte for byte) and ids that the server made itself. Keys are
 * whole literals, comma and quotes included, built by the two macros. Any thread.
 */
#pragma once

#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

#include <stdint.h>

/* ,"name":"   and   ,"name":   */
#define WIRE_TEXT(name) STR(",\"" name "\":\"")
#define WIRE_RAW(name) STR(",\"" name "\":")

/* A string member, closing quote included; nothing when `content` is empty. `key`: WIRE_TEXT. */
void wire_out_text(struct buf *out, struct str key, struct str content);

/* A member of any kind, JSON passed through; nothing when it is empty. `key`: WIRE_RAW. */
void wire_out_raw(struct buf *out, struct str key, struct str json);

/* Likewise; nothing when the kind is JSON_NONE. */
void wire_out_value(struct buf *out, struct str key, struct json_value value);

/* `key`: WIRE_RAW. */
void wire_out_int(struct buf *out, struct str key, int64_t value);
