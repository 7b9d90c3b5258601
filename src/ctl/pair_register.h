/*
 * pair_register - makes a running server know a device, over its control socket.
 *
 * Blocks. Complaints go to stderr.
 */
#pragma once

#include "ctl/ctl.h"

struct pair_registration {
    const char *socket; /* NULL: the default places */
    const char *id;
    const char *key;
    const char *owner; /* an account or apikey */
    const char *name;  /* NULL: none */
};

/*
 * Registers the device as the owner's; one that the server has under the same key becomes the
 * owner's. Says on stdout what it did. CTL_REFUSED where the server says no, or has that id under
 * another key.
 */
enum ctl_exit pair_register_run(const struct pair_registration *registration);
