/*
 * remote_home - the letters that come to a home: others' commands for its devices, questions about
 * them.
 *
 * Private to domain. The owning worker's thread only.
 */
#pragma once

#include "bus/relay.h"
#include "domain/session.h"

/* What accounts_new() serves its desk with; ctx: the accounts. */
extern const struct relay_service remote_home_service;

/* A command that came by letter has its result. */
void remote_home_answer(struct accounts *accounts, struct relay_ticket ticket,
                        const struct command_result *result);
