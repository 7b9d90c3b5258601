/*
 * tls_twin - two ends of a link over our own records, without a handshake before: each has the
 * other's keys, and a test may let one of them say what no client would.
 */
#pragma once

#include "tls/tls_record_private.h"
#include "tls_pair.h"

#include <stdbool.h>

enum { TLS_TWIN_KINDS = 6 };

struct tls_twin {
    struct tls_pair pair; /* established; both ends are ours */
    struct tls_record *client;
    struct tls_record *server;
};

/* kind < TLS_TWIN_KINDS: TLS 1.3 with each cipher, then TLS 1.2. */
void tls_twin_init(struct tls_twin *twin, size_t kind);
void tls_twin_fini(struct tls_twin *twin);
bool tls_twin_is_13(size_t kind);

/* Lets the client seal one record of that type. */
void tls_twin_say(struct tls_twin *twin, enum tls_content type, struct str bytes);
/* Seals TLS 1.3's inner text as it is given, its type and padding too. */
void tls_twin_say_inner(struct tls_twin *twin, struct str inner);
/* Hands over what the client has said; the server's answer stays on its way. */
void tls_twin_deliver(struct tls_twin *twin);
/* What the server's one answer, a fatal alert, says; TLS_ALERT_NONE when it said nothing. */
enum tls_alert tls_twin_alert(struct tls_twin *twin);
