/*
 * control_refusal - why the server refused what an operator asked for: what is wrong, what to do.
 *
 * A value for a person to read; control_answer writes it. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"

struct control_refusal {
    enum err err;
    char text[240];
    char hint[240]; /* may be empty */
};

/* Fills *refusal and returns err. hint: may be NULL. */
enum err control_refusal_set(struct control_refusal *refusal, enum err err, const char *hint,
                             const char *format, ...) PRINTF_LIKE(4, 5);
