/*
 * fuzz - the entry point that libFuzzer and replay.c call with each input.
 *
 * A target asserts what must hold for every input; it returns 0.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
