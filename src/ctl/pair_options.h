/*
 * pair_options - the command line of `switchyard pair`.
 *
 * Complaints go to stderr, --help to stdout.
 */
#pragma once

#include "net/address.h"

#include <stdbool.h>
#include <stdint.h>

enum { PAIR_PASSWORD_CAP = 65 };

struct pair_options {
    const char *ssid;
    const char *password; /* NULL: an open network; else at most PAIR_PASSWORD_CAP - 1 bytes */
    bool asks_password;
    const char *server;
    uint64_t port;
    const char *device;
    const char *owner; /* NULL: the server is told nothing */
    const char *name;
    const char *socket; /* NULL: not given */
    uint64_t wait_ms;   /* for the device to answer */
    bool dry_run;
    struct address at; /* the device's */
};

/* False when there is nothing to do: *status (enum ctl_exit) says how the program ends. The words
 * are borrowed. */
bool pair_options_parse(int argc, char **argv, struct pair_options *out, int *status);
