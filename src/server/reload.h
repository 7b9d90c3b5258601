/*
 * reload - takes over, on SIGHUP, what a running server can, and names what it can't.
 *
 * Certificates are read again in any case. Of the options those marked so in option.def take
 * effect; a configuration with a mistake changes nothing. Main thread.
 */
#pragma once

#include "base/log.h"
#include "server/config.h"
#include "server/tls_setup.h"

struct reload {
    const struct config_inputs *inputs;
    struct config *config; /* in effect; what is taken over is changed here */
    struct tls_setup *tls;
    struct log *log;
};

void reload_run(const struct reload *reload);
