/*
 * tls_kernel - the transport of a link whose records the kernel seals and opens ("kernel TLS").
 *
 * It takes keys over from tls_record, and from then on the socket carries plain bytes; what is no
 * data comes and goes beside them, with its record's type. The kernel can't change keys (before
 * Linux 6.14; later ones are not asked to): a link that would need it is closed in order. Where
 * the module `tls` is missing, or does not know a cipher, tls_record goes on by itself. The
 * connection's thread only; docs/decisions/0013 says what is gained and given up.
 */
#pragma once

#include "base/attr.h"
#include "net/transport.h"
#include "tls/tls_keys.h"

#include <stdbool.h>

/* Whether this machine's kernel has it, loading its module where the process may. Any thread. */
MUST_USE bool tls_kernel_is_there(void);

enum tls_kernel_taken {
    TLS_KERNEL_TAKEN,
    TLS_KERNEL_REFUSED, /* nothing has changed */
    TLS_KERNEL_BROKEN,  /* one direction is the kernel's and one is not: the socket is lost */
};

/*
 * Hands both directions of a connected socket to the kernel: the next record either way has the
 * `seq` of its keys, and no byte of it was received or sent. `nonce` is the explicit one that GCM
 * in TLS 1.2 sends next. The keys are copied; the caller wipes its own.
 */
struct tls_kernel_keys {
    const struct tls_keys *read;
    const struct tls_keys *write;
    uint64_t nonce;
    bool is_13;
};
MUST_USE enum tls_kernel_taken tls_kernel_take(int fd, const struct tls_kernel_keys *keys);

/* For a socket that was taken; `records` were written under its keys before. */
struct transport *tls_kernel_new(uint64_t records, bool is_13);
/* Of any transport. */
bool tls_kernel_has(const struct transport *transport);
