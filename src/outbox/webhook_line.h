/*
 * webhook_line - one webhook's way out: reads the events that wait, sends them, and takes them out
 * of the queue once they have been taken; in order, one POST at a time, again until it succeeds.
 *
 *     RESTING --poke--> READING --> SENDING --2xx--> ENDING --> READING ... --nothing waits-->
 * RESTING ^           |anything else
 *                          +-- WAITING-+   a while that doubles with each failure
 *
 * Private to src/outbox; the outbox's thread only.
 */
#pragma once

#include "base/link.h"
#include "base/log.h"
#include "base/metric.h"
#include "net/loop.h"
#include "outbox/outbox.h"
#include "store/store_webhook.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct webhook_line;

/* What all lines share; borrowed. */
struct webhook_lines {
    struct store *store;
    struct outbox *outbox;
    struct loop *loop; /* the outbox's */
    struct metric_set *metrics;
    struct log *log;
    uint64_t retry_ms;     /* after the first failure */
    uint64_t max_retry_ms; /* after many */
    uint64_t max_age_ms;   /* events that have waited for longer are given up */
    bool is_stopping;      /* nothing new is begun */
    pthread_mutex_t lock;  /* guards what webhook_line_tell_status() reads */
};

/* How it is doing, for operators. */
struct webhook_line_status {
    unsigned failures; /* in a row */
    unsigned
        last_error;   /* the status that the last answer had; 0: there was no answer, or no try */
    int64_t told_ms;  /* when events were last taken; 0: not since the start */
    int64_t retry_ms; /* when it is tried again; 0: not waiting */
    char reason[PARCEL_REASON_CAP]; /* of the last failure */
};

/* Copies the record. */
struct webhook_line *webhook_line_new(struct webhook_lines *lines,
                                      const struct webhook_record *webhook);
/* Goes at once, or when what it has under way is over. */
void webhook_line_remove(struct webhook_line *line);

const struct webhook_record *webhook_line_webhook(const struct webhook_line *line);
struct link *webhook_line_link(struct webhook_line *line); /* for whoever lists it */
struct webhook_line *webhook_line_of(struct link *link);

/* Something has joined its queue, or may have. */
void webhook_line_poke(struct webhook_line *line);
/* Does not wait any more; with lines->is_stopping. */
void webhook_line_stop(struct webhook_line *line);
bool webhook_line_is_idle(const struct webhook_line *line);

/* Any thread that holds the lock. */
void webhook_line_tell_status(const struct webhook_line *line, struct webhook_line_status *out);
