/*
 * share_home - a request about a share, at its owner's home: from the letter to the answer.
 *
 *     look (store) --> offer (the sharee's home) --> create, update or delete (store) --> answer
 *
 * What is answered as done is committed, and counts for the device in memory. Private to domain.
 * The owning worker's thread only.
 */
#pragma once

#include "bus/relay.h"

struct accounts;

void share_home_ask(struct accounts *accounts, const struct relay_letter *letter,
                    struct relay_ticket ticket);

/* What accounts_new() and accounts_free() call for it. */
void share_home_init(struct accounts *accounts);
void share_home_fini(struct accounts *accounts);
