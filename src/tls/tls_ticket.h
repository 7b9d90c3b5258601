/*
 * tls_ticket - the rotating keys that seal session tickets, shared by all workers.
 *
 * The current key seals; it and the one before it open. A key is replaced after rotate_ms and
 * forgotten after as long again, so a ticket lives at least rotate_ms and at most twice that.
 * AES-256-CBC with HMAC-SHA256 (RFC 5077 section 4); keys are random, never leave memory and are
 * wiped. Nothing is kept per session. Any thread.
 */
#pragma once

#include <openssl/types.h>
#include <stdint.h>

struct tls_ticket;

struct tls_ticket *tls_ticket_new(void);
struct tls_ticket *tls_ticket_ref(struct tls_ticket *tickets);
void tls_ticket_unref(struct tls_ticket *tickets); /* accepts NULL */

/* Makes the next key when the current one is rotate_ms old. The age counts from the first call. */
void tls_ticket_rotate(struct tls_ticket *tickets, uint64_t rotate_ms, uint64_t now_ms);

/* Lets `ssl_ctx` use these keys, which must outlive it; uses its app data. */
void tls_ticket_attach(struct tls_ticket *tickets, SSL_CTX *ssl_ctx);
