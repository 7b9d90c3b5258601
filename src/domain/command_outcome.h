/*
 * command_outcome - how a command to a device has ended. Any thread.
 */
#pragma once

enum command_outcome {
    COMMAND_OK,
    COMMAND_DEVICE_ERROR, /* the device refused; error says how */
    COMMAND_OFFLINE,
    COMMAND_TIMEOUT,
    COMMAND_FORBIDDEN, /* unknown, or not this account's */
    COMMAND_INVALID,
    COMMAND_TOO_LARGE, /* more than the device can read */
    COMMAND_BUSY,      /* max_pending */
    COMMAND_FAILED,    /* the store */
};

enum { COMMAND_OUTCOMES = COMMAND_FAILED + 1 };

/* "ok", "device_error"; static. */
const char *command_outcome_name(enum command_outcome outcome);
