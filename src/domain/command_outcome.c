#include "domain/command_outcome.h"

#include <assert.h>

const char *command_outcome_name(enum command_outcome outcome)
{
    static const char *const names[] = {
        [COMMAND_OK] = "ok",
        [COMMAND_DEVICE_ERROR] = "device_error",
        [COMMAND_OFFLINE] = "offline",
        [COMMAND_TIMEOUT] = "timeout",
        [COMMAND_FORBIDDEN] = "forbidden",
        [COMMAND_INVALID] = "invalid",
        [COMMAND_TOO_LARGE] = "too_large",
        [COMMAND_BUSY] = "busy",
        [COMMAND_FAILED] = "failed",
    };

    static_assert(sizeof names / sizeof names[0] == COMMAND_OUTCOMES, "a name each");
    return names[outcome];
}
