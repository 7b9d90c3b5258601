/*
 * certificate_names - what a certificate that we make ourselves must be good for.
 *
 * The configured names, or else: what is advertised, the host name, "localhost" and this machine's
 * addresses, so that a client that connects by any of them can verify.
 */
#pragma once

#include "base/str.h"
#include "server/config.h"

#include <stddef.h>

enum { CERTIFICATE_NAMES_MAX = 64, CERTIFICATE_NAME_CAP = 256 };

struct certificate_names {
    char texts[CERTIFICATE_NAMES_MAX][CERTIFICATE_NAME_CAP];
    struct str views[CERTIFICATE_NAMES_MAX];
    size_t count;
};

void certificate_names_collect(const struct config *config, struct certificate_names *out);
