/*
 * share_offer - a share that an account is offered, at its home: told to its sessions, until one of
 * them answers or its time is over.
 *
 * Private to domain. The owning worker's thread only.
 */
#pragma once

#include "bus/relay.h"
#include "domain/share.h"

#include <stdbool.h>
#include <stdint.h>

struct accounts;
struct account;

void share_offer_hear(struct accounts *accounts, const struct relay_letter *letter,
                      struct relay_ticket ticket);

/* A session of that account has answered. False when nothing of that number waits. */
bool share_offer_answer(struct account *account, struct str sequence, bool is_accepted);
/* Its last session has left. */
void share_offer_abandon(struct account *account);

/* Ends those whose time is over; the next time one may be, or UINT64_MAX. */
uint64_t share_offer_expire(struct accounts *accounts, uint64_t now_ms);
