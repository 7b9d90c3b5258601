/*
 * audience - all who hear of a device: its owner's sessions, and those of its sharees, wherever
 * they are at home.
 *
 * Private to domain. Sharees are told by notice, which a home without room for it drops (and
 * counts). The owning worker's thread only.
 */
#pragma once

#include "bus/relay.h"
#include "domain/change.h"
#include "domain/device.h"

#include <stdbool.h>
#include <stdint.h>

/* The session that made a change, which is not told of it. */
struct audience_author {
    const struct session *session; /* of the owner's account; only compared; or NULL */
    uint64_t conn;                 /* of a session of a sharee's; or 0 */
};

void audience_tell_app_change(struct device *device, const struct change *change,
                              const struct audience_author *author);
void audience_tell_report(struct device *device, const struct change *change);
void audience_tell_presence(struct device *device, bool online);

/* A notice of the above, at a sharee's home. */
void audience_hear(struct accounts *accounts, const struct relay_letter *letter);
