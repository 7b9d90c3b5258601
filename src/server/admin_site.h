/*
 * admin_site - the operators' HTTP pages on their own listeners, served by the main loop.
 *
 * Its connections and requests are counted nowhere: the metrics speak of clients.
 */
#pragma once

#include "admin/admin.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/problem.h"
#include "server/config.h"
#include "server/doors.h"

#include <stdbool.h>

struct admin_site;

/* All borrowed for the site's life. */
struct admin_site_config {
    struct loop *loop;
    const struct config *options;
    const struct admin *admin;
    struct log *log;
};

/* Adds its doors, with their real ports, to *doors. */
MUST_USE enum err admin_site_open(const struct admin_site_config *config, struct doors *doors,
                                  struct problem *problem, struct admin_site **out);
/* Takes no more connections and closes those there are. */
void admin_site_stop(struct admin_site *site);
bool admin_site_is_idle(const struct admin_site *site);
void admin_site_close(struct admin_site *site); /* only when idle; accepts NULL */
