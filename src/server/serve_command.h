/*
 * serve_command - `switchyard serve`: runs the server in the foreground.
 */
#pragma once

#include "server/environment.h"

/* argv[0] is "serve". Returns the exit code: 0 stopped, 1 it can't be started, 2 wrong usage. */
int serve_command(int argc, char *const *argv, const struct environment *environment);
