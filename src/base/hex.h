/*
 * hex - reads hexadecimal digits; crypto_hex() writes them. Pure functions, any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

/* 0 to 15, either case; -1 when it is no hexadecimal digit. */
int hex_digit(char digit);

/* Two digits a byte: the whole text must be 2 * len of them. *out is untouched on false. */
MUST_USE bool hex_parse(struct str text, void *out, size_t len);
