/*
 * ctl_secret - asks for a password: without echo on a terminal, else one line of stdin.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"

#include <stddef.h>

/*
 * A new one, twice on a terminal. fd: where to read, 0. Fills out[cap], NUL-terminated.
 * ERR_INVALID: the two did not match; ERR_TOO_LARGE: longer than cap - 1; ERR_CLOSED: cancelled, or
 * nothing there; ERR_IO. Says on stderr what it wants, and nothing of what it got.
 */
MUST_USE enum err ctl_secret_ask(int fd, char *out, size_t cap);
/* One that there is already, once; `words` is the prompt. */
MUST_USE enum err ctl_secret_ask_once(int fd, const char *words, char *out, size_t cap);
