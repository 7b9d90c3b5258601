#include "domain/command.h"

static enum metric outcome_metric(enum command_outcome outcome)
{
    switch (outcome) {
    case COMMAND_OK:
        return METRIC_COMMAND_OK;
    case COMMAND_DEVICE_ERROR:
        return METRIC_COMMAND_DEVICE_ERROR;
    case COMMAND_OFFLINE:
        return METRIC_COMMAND_OFFLINE;
    case COMMAND_TIMEOUT:
        return METRIC_COMMAND_TIMEOUT;
    case COMMAND_FORBIDDEN:
    case COMMAND_INVALID:
    case COMMAND_TOO_LARGE:
        return METRIC_COMMAND_FORBIDDEN;
    case COMMAND_BUSY:
        return METRIC_COMMAND_BUSY;
    case COMMAND_FAILED:
        return METRIC_COMMAND_FAILED;
    }
    return METRIC_COMMAND_FAILED;
}

void command_count(const struct accounts *accounts, enum command_outcome outcome)
{
    metric_add(accounts->config.metrics, outcome_metric(outcome), 1);
}
