/*
 * tls_record - a transport of TLS: OpenSSL shakes hands, then records are our own.
 *
 * An SSL object holds some ten kilobytes for as long as it lives, and all that an open link needs
 * of it are two keys. So, once the handshake is over and OpenSSL holds nothing unread, this takes
 * the traffic secrets, frees the SSL object, and seals and opens records itself, over libcrypto's
 * ciphers: TLS 1.3, and TLS 1.2 with the same AEADs. Whatever else was negotiated, or whoever
 * sends more handshake at once, stays with OpenSSL unseen. docs/decisions/0007 says why that is
 * safe. What the peer should not send is answered by a fatal alert; renegotiation by a warning.
 * Made for the server's links. A client's may be such too (the bench's, that hold many); they pass
 * over tickets, and so resume nothing.
 * The connection's thread only; needs settle() (transport.h), and until then stays with OpenSSL.
 */
#pragma once

#include "net/transport.h"
#include "tls/tls_transport.h"

#include <stdbool.h>

/* As tls_transport_new(). Without a schedule TLS 1.3 stays with OpenSSL. */
struct transport *tls_record_new(const struct tls_transport_config *config);

/* Once records are our own, the kernel is to take them over if it can (tls_kernel). Call at once.
 */
void tls_record_wants_kernel(struct transport *transport);

/* The SSL object is gone. Only of a transport that tls_record_new() made. */
bool tls_record_is_own(const struct transport *transport);
