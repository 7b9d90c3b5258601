/*
 * admin_event - tells the workers of a committed change before the operator is told.
 *
 * Caches and open links of every worker hear by the bus, so that what an operator revoked counts
 * when `ctl` returns.
 */
#pragma once

#include "admin/admin_call.h"
#include "bus/bus.h"

/*
 * Publishes the event (copied) and, when every worker has heard it, finishes the call with the
 * result it has begun. While a worker lags it tries again for two seconds; then the call is
 * refused, saying that the change itself is committed.
 */
void admin_event_publish_and_finish(struct admin_call *call, const struct bus_event *event);
