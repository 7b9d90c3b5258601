/*
 * consecutive_id - the ids of many devices, from the first of them: hexadecimal numbers in a row.
 *
 * Pure; any thread.
 */
#pragma once

#include <stdint.h>

enum { CONSECUTIVE_ID_CAP = 64 };

/*
 * The id `index` places behind `first`, with as many digits at least; longer ones are cut. A first
 * one that is no hexadecimal number of 64 bits has none behind it: the result is that itself.
 */
void consecutive_id(const char *first, uint64_t index, char out[CONSECUTIVE_ID_CAP]);
