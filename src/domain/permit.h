/*
 * permit - what a sharee may do to a device's timers, beyond using the device.
 *
 * The bits are the protocol's (docs/protocol.md, "Permits"). Pure functions, any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/json.h"
#include "base/str.h"

#include <stdbool.h>

enum permit {
    PERMIT_ADD = 1,
    PERMIT_EDIT = 2,
    PERMIT_DELETE = 4,
    PERMIT_ENABLE = 8, /* turn one on or off */
    PERMIT_ALL = 15,
};

enum { PERMIT_TIMERS_MAX = 64 };

/*
 * Whether a change (of which params_is_change() is true) does nothing to the timers of the stored
 * params that needs a bit that is not there. Timers are told apart by their mId; what has none is
 * the same only when its text is. More than PERMIT_TIMERS_MAX can't be compared, and are not
 * allowed; neither are timers that are named twice. A name counts however it is written, escaped
 * or in another case.
 */
MUST_USE bool permit_allows(unsigned permit, struct str stored, struct json_value change);
