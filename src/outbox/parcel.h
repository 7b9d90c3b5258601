/*
 * parcel - one thing to be sent to a server out there: a POST over HTTP, or a mail.
 *
 * A plain value, and a copy of it that owns its texts and wipes them. Any thread.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    PARCEL_HEADERS = 6,
    PARCEL_URL_CAP = 1025,
    PARCEL_ADDRESS_CAP = 129, /* of a mail's sender or reader */
    PARCEL_BODY_MAX = 1024 * 1024,
    PARCEL_REASON_CAP = 96,
};

enum parcel_kind {
    PARCEL_POST, /* to an http or https URL */
    PARCEL_MAIL, /* to an smtp or smtps URL */
};

/* Texts are NUL-terminated, body aside; NULL or empty: none. */
struct parcel {
    enum parcel_kind kind;
    const char *url;                     /* outbox_url_check() has nothing against it */
    struct str body;                     /* at most PARCEL_BODY_MAX; a mail's has its headers */
    const char *headers[PARCEL_HEADERS]; /* of a POST: "Name: value", without line ends */
    const char *from;                    /* of a mail */
    const char *to;
    const char *user; /* for a mail server that asks for a password */
    const char *password;
    bool is_plain; /* a mail may go over an smtp URL without TLS; otherwise STARTTLS must succeed */
};

/* How it went. */
struct parcel_result {
    enum err err;                   /* ERR_NONE: a 2xx, or the mail server has taken it */
    unsigned status;                /* the answer's; 0: there was none */
    char reason[PARCEL_REASON_CAP]; /* for operators, without anything that the server said */
};

/* ERR_UNAVAILABLE: no connection; ERR_EXPIRED: too slow; ERR_DENIED: an answer that is no success,
 * or a certificate that does not hold; ERR_CLOSED: we are stopping; ERR_IO: anything else. */
typedef void (*parcel_done_fn)(void *ctx, const struct parcel_result *result);

struct parcel *parcel_copy(const struct parcel *parcel);
void parcel_free(struct parcel *parcel); /* of a copy: wiped; accepts NULL */
/* Whether its texts are within the bounds above. */
bool parcel_is_valid(const struct parcel *parcel);
