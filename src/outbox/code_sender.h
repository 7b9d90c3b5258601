/*
 * code_sender - takes verification codes to people: by mail, through a web hook of the operator's
 * (for text messages), or into the log while developing.
 *
 * Made once, read by all threads.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "outbox/outbox.h"

#include <stdbool.h>
#include <stdint.h>

enum code_way { CODE_WAY_OFF, CODE_WAY_LOG, CODE_WAY_SMTP, CODE_WAY_WEBHOOK };

/* What the code is for, by the number that clients call it. */
enum code_purpose {
    CODE_REGISTER = 0,
    CODE_RESET = 1,
    CODE_CLOSE = 3, /* the account */
    CODE_LOGIN = 4,
};

/* Texts and pointers are borrowed for the sender's life. */
struct code_sender_config {
    enum code_way way;
    const char *url;      /* of the mail server or the web hook */
    const char *from;     /* of mails */
    const char *subject;  /* likewise */
    const char *user;     /* at the mail server; empty: no login */
    const char *password; /* there; or the web hook's bearer token; empty: none */
    bool is_plain;        /* the mail server may be spoken to without TLS */
    uint64_t expiry_ms;   /* of codes, as people are told it */
    struct outbox *outbox;
    struct log *log;
};

struct code_sender;

struct code_sender *code_sender_new(const struct code_sender_config *config);
void code_sender_free(struct code_sender *sender); /* accepts NULL */

/* Whether a code can reach that account: mails reach addresses only, and nothing is ever sent with
 * CODE_WAY_OFF. */
bool code_sender_reaches(const struct code_sender *sender, struct str account);

struct code_message {
    enum code_purpose purpose;
    const char *account; /* e-mail address or phone number */
    const char *code;
    int64_t wall_ms;
    bool is_decoy; /* all is done but the sending: whoever measures learns nothing */
};

/* On its way; what becomes of it is logged, as nobody waits for it. ERR_FULL: the outbox is. Any
 * thread. */
MUST_USE enum err code_sender_send(const struct code_sender *sender,
                                   const struct code_message *message);

/* "register", "reset", "close", "login". */
const char *code_sender_purpose_name(enum code_purpose purpose);
