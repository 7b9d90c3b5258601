/*
 * transfer - one parcel on its way, as libcurl's easy handle.
 *
 * Servers must show a certificate that holds; redirects are not followed; only the schemes of the
 * parcel's kind are spoken; nothing comes from the environment, .netrc or cookies; what a server
 * answers is counted, bounded and thrown away. Private to src/outbox; the courier's thread only.
 */
#pragma once

#include "base/link.h"
#include "outbox/parcel.h"

#include <curl/curl.h>

struct transfer_limits {
    long connect_ms;
    long total_ms;
    const char *ca_file; /* PEM; NULL or empty: the system's */
    const char *proxy;   /* URL; NULL or empty: none, whatever the environment says */
};

struct transfer {
    struct link link;
    CURL *easy;
    struct parcel *parcel; /* owned */
    size_t sent;           /* bytes of a mail */
    size_t received;
    struct curl_slist *headers;
    struct curl_slist *readers;
    parcel_done_fn on_done;
    void *ctx;
};

/* Takes the parcel. */
struct transfer *transfer_new(struct parcel *parcel, const struct transfer_limits *limits);
/* Not while a multi handle has it. */
void transfer_free(struct transfer *transfer);

/* How it ended, in our words. */
struct parcel_result transfer_result(const struct transfer *transfer, CURLcode code);
