/*
 * config_command - `switchyard config check|defaults|show|manual`.
 *
 * Writes to stdout; complaints go to stderr. Called once, by main.
 */
#pragma once

#include "server/environment.h"

enum { CONFIG_COMMAND_OK = 0, CONFIG_COMMAND_BAD = 1, CONFIG_COMMAND_USAGE = 2 };

/* argv[0] is "config" and the rest the words behind it. Returns the exit code. */
int config_command(int argc, char *const *argv, const struct environment *environment);
