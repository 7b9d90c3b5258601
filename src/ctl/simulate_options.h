/*
 * simulate_options - the command line of `switchyard simulate`.
 *
 * Complaints go to stderr, --help to stdout.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* As given on the command line. */
struct simulate_options {
    bool is_device;
    const char *url;
    const char *ca;
    bool insecure;
    bool trace;
    bool once;
    uint64_t count;
    uint64_t per_second; /* how many begin in a second */
    uint64_t for_ms;     /* 0: until it is stopped */
    const char *id;
    const char *key;
    const char *model;
    const char *token;
    const char *appid;
    const char *apikey;
    const char *journey; /* the device that the journey switches */
};

/* False when there is nothing to run: *status (enum ctl_exit) says how the program ends. The words
 * are borrowed. */
bool simulate_options_parse(int argc, char **argv, struct simulate_options *out, int *status);
