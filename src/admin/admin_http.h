/*
 * admin_http - the pages of the admin listener: /livez, /readyz and /metrics.
 *
 * /livez answers as long as the main thread does. /readyz answers 503 with the reasons while the
 * server should not be sent clients. /metrics is Prometheus text of all threads' sets. None of them
 * names a user or a secret. The loop's thread only.
 */
#pragma once

#include "admin/admin.h"

enum { ADMIN_HTTP_ROUTES = 3 };

/* Fills the routes; config is borrowed for as long as they are used. */
void admin_http_routes(struct admin_config *config, struct http_route out[ADMIN_HTTP_ROUTES]);
