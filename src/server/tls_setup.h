/*
 * tls_setup - the certificates of the TLS doors: the configured ones, or ones made here.
 *
 * Without any configured, a private CA and certificates are made in the data directory, once, and
 * again when the names change or the time runs out; the CA stays, so clients keep trusting. Blocks;
 * main thread, save for the makers it hands out.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/log.h"
#include "base/problem.h"
#include "net/transport.h"
#include "server/config.h"
#include "server/doors.h"

#include <stdint.h>

struct tls_setup;

/* Opens what the doors need; with no TLS door among them nothing is read or made. */
MUST_USE enum err tls_setup_open(const struct config *config, const struct doors *doors,
                                 struct log *log, struct problem *problem, struct tls_setup **out);
void tls_setup_close(struct tls_setup *setup); /* accepts NULL */

/* For the listener of a door of that kind; NULL for one without TLS. Belongs to setup. */
const struct transport_maker *tls_setup_transports(const struct tls_setup *setup,
                                                   enum door_kind kind);

/* Reads the certificates again, as config says. On failure the old ones stay in use. */
MUST_USE enum err tls_setup_reload(struct tls_setup *setup, const struct config *config,
                                   struct problem *problem);

/* See tls_server.h. */
void tls_setup_rotate(struct tls_setup *setup, uint64_t now_ms);
int64_t tls_setup_expiry(const struct tls_setup *setup); /* 0: no certificate in use */
