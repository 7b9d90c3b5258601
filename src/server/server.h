/*
 * server - the whole server in one process: opens everything, runs it, stops it in order.
 *
 * The main thread's loop does signals, the control socket, the operators' pages and the
 * announcements; the workers do the clients. All calls belong to the main thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/problem.h"
#include "server/config.h"

struct server;

struct server_config {
    struct config_inputs inputs; /* read again on SIGHUP */
    int log_fd;                  /* borrowed */
};

/* Loads the configuration and opens all; clients are served from here on. Blocks SIGTERM, SIGINT
 * and SIGHUP until server_close(). problem->line is of the configuration file. */
MUST_USE enum err server_open(const struct server_config *config, struct problem *problem,
                              struct server **out);

enum server_end {
    SERVER_STOPPED,    /* every link was closed and everything is committed */
    SERVER_UNFINISHED, /* the drain time ran out: what reached the store is committed */
    SERVER_KILLED,     /* told a second time: at once */
};

/* Runs until SIGTERM or SIGINT has been obeyed. */
enum server_end server_run(struct server *server);

/* Ends the threads and frees all. After SERVER_UNFINISHED only what must be: the process is to
 * exit. Not after SERVER_KILLED. */
void server_close(struct server *server);
