/*
 * bench_options - the command line of `switchyard bench`.
 *
 * Complaints go to stderr, --help to stdout.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stdint.h>

enum bench_scenario {
    BENCH_IDLE,
    BENCH_COMMANDS,
    BENCH_DISPATCH,
    BENCH_CONNECT,
    BENCH_STORM,
    BENCH_PONG_UNDER_LOAD,
    BENCH_MIXED,
};

/* What the server understands. */
enum bench_dialect {
    BENCH_SWITCHYARD,
    BENCH_ECHO, /* any WebSocket server that returns each text message as it is */
    BENCH_MQTT, /* a broker: MQTT 3.1.1 over WebSocket */
};

enum bench_tls { BENCH_TLS_ANY, BENCH_TLS_12, BENCH_TLS_13 };

/* How many connect at the same time unless the scenario or the options say otherwise. */
enum { BENCH_IN_FLIGHT = 32 };

/* As given on the command line; the words are borrowed. */
struct bench_options {
    enum bench_scenario scenario;
    const char *server; /* host:port */
    uint64_t pid;       /* whose CPU is read; 0: nobody's */
    unsigned speaks;    /* enum bench_dialect */
    unsigned tls;       /* enum bench_tls */
    uint64_t connections;
    uint64_t in_flight; /* 0: as the scenario has it */
    uint64_t devices;   /* of all apps, commands; 0: one each */
    uint64_t processes; /* 0: as many as descriptors demand */
    uint64_t warm_ms;
    uint64_t for_ms;
    uint64_t runs;
    uint64_t size;    /* bytes of a command's params; 0: a switch and nothing else */
    uint64_t quiet;   /* links that only ping */
    uint64_t storm;   /* links that are lost and come back, beside commands */
    uint64_t garbage; /* clients that send nonsense */
    uint64_t rate;    /* operations a second, mixed */
    const char *token;
    uint64_t tokens; /* 0: as many as there are apps */
    const char *appid;
    const char *id;
    const char *key;
    bool apps;
    bool connect_each;
    bool resume;
    bool hold;
    bool json;
};

const char *bench_options_scenario_name(enum bench_scenario scenario);
const char *bench_options_usage(void);

/* False when there is nothing to run: *status (enum ctl_exit) says how the program ends. */
MUST_USE bool bench_options_parse(int argc, char **argv, struct bench_options *out, int *status);
