/*
 * announcer - tells the bus each second that this node is there, and how loaded it is.
 *
 * With one node the workers hear it just as they would another node's. The loop's thread only.
 */
#pragma once

#include "base/log.h"
#include "base/metric.h"
#include "bus/bus.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>

struct announcer;

struct announcer_config {
    struct loop *loop;
    struct bus *bus;
    struct log *log;
    struct metric_set *const *metrics; /* of all threads: their links are the load */
    size_t metric_count;
    struct metric_set *own_metrics; /* the loop's thread's */
    struct bus_node node;           /* copied; links and draining are filled in */
};

/* Announces at once, then each second. All but node is borrowed. */
struct announcer *announcer_new(const struct announcer_config *config);
void announcer_free(struct announcer *announcer); /* accepts NULL */

/* From now on the node takes no more clients; announced at once. */
void announcer_drain(struct announcer *announcer);
