/*
 * tls_kernel_private - what tls_kernel keeps for a link. Included by it and by its test.
 */
#pragma once

#include "tls/tls_kernel.h"

/* One direction's AES-GCM keys are good for 2^24.5 records of full size (RFC 8446 section 5.5):
 * from the first bound on the link is closed in order, at the second nothing more is written. */
#define TLS_KERNEL_RECORDS_CLOSE (UINT64_C(1) << 24)
#define TLS_KERNEL_RECORDS_MAX (UINT64_C(23) << 20)

enum { TLS_KERNEL_WARNINGS_MAX = 32 };

struct tls_kernel {
    struct transport base;
    uint64_t records;  /* written under these keys, at most */
    uint8_t type;      /* enum tls_content: of the bytes received last */
    uint8_t alert_len; /* bytes at the end of all that is to be sent that are an alert */
    uint8_t warnings;  /* that were passed over */
    uint8_t phase;     /* enum tls_record_phase, without the handshake */
    uint16_t refused;  /* enum tls_alert: what the kernel found wrong with a record */
    bool is_13;
    bool is_closed; /* an alert was our last word */
};
