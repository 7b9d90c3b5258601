/*
 * config_yaml - reads the configuration file: YAML with one mapping for each section.
 *
 *     listen:
 *       tls: ["*:8080", "*:443"]
 *     heartbeat.interval: 145s       # a path in one piece is the same
 *
 * Unknown and repeated keys, aliases, tags and values of a wrong shape are refused with their line.
 * No I/O. Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/problem.h"
#include "base/str.h"
#include "server/config.h"

/* Sets what the text gives. On failure *config is half set: drop it (config_load() does). */
MUST_USE enum err config_yaml_apply(struct config *config, struct str text,
                                    struct problem *problem);
