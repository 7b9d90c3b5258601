/*
 * gateway_action - what a message makes a link do: each action in the file of its name.
 *
 * Private to gateway. The owning worker's thread only.
 */
#pragma once

#include "gateway/gateway_link.h"

/* One per action, each in the file of its name (reports and acks in gateway_update.c); called in
 * the state that is named. */
void gateway_user_online(struct gateway_link *link, const struct message *message);    /* NEW */
void gateway_register(struct gateway_link *link, const struct message *message);       /* NEW */
void gateway_register_again(struct gateway_link *link, const struct message *message); /* DEVICE */
void gateway_update(struct gateway_link *link, const struct message *message);         /* APP */
void gateway_upgrade(struct gateway_link *link, const struct message *message);        /* APP */
void gateway_report(struct gateway_link *link, const struct message *message);         /* DEVICE */
void gateway_ack(struct gateway_link *link, const struct message *message);            /* DEVICE */
void gateway_query(struct gateway_link *link, const struct message *message); /* APP, DEVICE */
void gateway_date(struct gateway_link *link, const struct message *message);  /* APP, DEVICE */
void gateway_share(struct gateway_link *link, const struct message *message); /* APP: all three */
void gateway_share_answer(struct gateway_link *link, const struct message *message); /* APP */

/* For session_events. */
void gateway_share_on_outcome(void *ctx, enum share_verb verb, enum share_outcome outcome,
                              const struct session_share_keys *keys);
void gateway_share_on_offer(void *ctx, const struct share_request *request, struct str sequence);

/* gateway_events.c: what the domain tells app sessions and device links (ctx: the gateway_link). */
extern const struct session_events gateway_session_events;
extern const struct device_events gateway_device_events;

/* Answers a register that has been granted, with what its handshake told; in gateway_register.c. */
void gateway_register_welcome(struct gateway_link *link, const struct gateway_handshake *handshake);
/* The answer to a register that reached the domain (struct device_events). */
void gateway_register_on_open(void *ctx, struct device_link *device, enum err err);
