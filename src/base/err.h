/*
 * err - why a call failed. Zero means it did not. Any thread.
 *
 * err.def is the one list. What an operator must read to mend it comes as a problem.h besides.
 */
#pragma once

enum err {
#define ERR(name, text) ERR_##name,
#include "base/err.def"
#undef ERR
};

/* The table's text; never NULL. */
const char *err_text(enum err err);
