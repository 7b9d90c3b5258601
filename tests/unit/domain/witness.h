/*
 * witness - an app's session or a device's link in a household, which writes down what it is told.
 */
#pragma once

#include "base/buf.h"
#include "domain/device_link.h"
#include "domain/session.h"
#include "domain/session_share.h"

struct household;

/* An app or a device: what it was told, one line each, in `told`. */
struct witness {
    struct household *home;
    uint64_t conn_id;
    struct buf told;
    struct session *session;
    struct device_link *link;
    char sequence[24]; /* of the last command, or offer */
    enum err opened;
    size_t max_params; /* of a device: longer ones are too large for it */
};

void witness_app(struct witness *app, struct household *home, const char *apikey);
void witness_device(struct witness *device, struct household *home, const char *id);
/* With what was read of the device; asks the store for nothing by itself. */
void witness_device_read(struct witness *device, struct household *home, const char *id,
                         const struct device_reading *reading);
/* As witness_device(), of a firmware that takes commands at this pace. */
void witness_slow_device(struct witness *device, struct household *home, struct device_pace pace);
void witness_leave(struct witness *witness);
void witness_update(struct witness *app, const char *id, const char *sequence, const char *params);
void witness_upgrade(struct witness *app, const char *id, const char *sequence, const char *params);
void witness_query(struct witness *app, const char *id, const char *names);
void witness_share(struct witness *app, enum share_verb verb, const char *id, const char *account);
void witness_answer_offer(struct witness *app, bool is_accepted); /* the last one */
void witness_ack(struct witness *device, int error);
enum err witness_report(struct witness *device, const char *params);
/* Asserts what was told since the last call. */
void witness_was_told(struct witness *witness, const char *lines);
