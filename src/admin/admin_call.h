/*
 * admin_call - one request on the control socket, from its line to its last answer.
 *
 * A verb is handed a call, waits for the store or the workers as often as it must with the call as
 * their ctx, and ends it by exactly one of finish or refuse; the call is gone then. It outlives its
 * client: what is written after the client left goes nowhere, and the verb still ends it.
 */
#pragma once

#include "admin/admin.h"
#include "base/attr.h"
#include "base/json_out.h"
#include "proto/control_request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct admin_call;

typedef void (*admin_call_fn)(struct admin_call *call);

/* Where a call's answers go. */
struct admin_call_peer {
    void (*send)(void *ctx, struct str line);
    size_t (*queued)(void *ctx); /* bytes that have not left; while not 0, on_drained will follow */
    void (*on_end)(void *ctx);   /* the call is gone after it */
    void *ctx;
};

/* Calls under way of one control socket. */
struct admin_calls {
    const struct admin_config *config;
    struct link list;
};

/* For control: a call for what the line asks, or NULL when the line has been refused. */
struct admin_call *admin_call_new(struct admin_calls *calls, const struct admin_call_peer *peer,
                                  struct str line);
void admin_call_run(struct admin_call *call);     /* on_end may have been called when it returns */
void admin_call_abandon(struct admin_call *call); /* the peer has left; on_end is not called */
void admin_call_on_drained(struct admin_call *call); /* what was sent has left */

/* For verbs: what they work with. */
const struct admin_config *admin_call_config(const struct admin_call *call);
struct mailbox *admin_call_mailbox(const struct admin_call *call);
bool admin_call_is_abandoned(const struct admin_call *call);
/* Memory of the verb's own, zero-filled by the first call and the same in each; freed with it. */
void *admin_call_state(struct admin_call *call, size_t size);

/* What it was told. */
enum control_verb admin_call_verb(const struct admin_call *call);
bool admin_call_has(const struct admin_call *call, const char *name);
bool admin_call_flag(const struct admin_call *call, const char *name); /* false when absent */
struct json_value admin_call_value(const struct admin_call *call, const char *name);
/* Decodes a text into out[cap], empty when absent. False when it doesn't fit or is no text: the
 * call has been refused then, and is gone. */
MUST_USE bool admin_call_text(struct admin_call *call, const char *name, char *out, size_t cap);
/* Likewise, and a text that is there must pass the check (admin_text.h): it answers NULL, or what
 * the text must be. */
typedef const char *(*admin_check_fn)(struct str text);
MUST_USE bool admin_call_word(struct admin_call *call, const char *name, admin_check_fn check,
                              char *out, size_t cap);
/* Likewise a whole number, `fallback` when absent. */
MUST_USE bool admin_call_number(struct admin_call *call, const char *name, uint64_t fallback,
                                uint64_t *out);

/* Answers. A row stands between begin and end; a result between begin and finish, which ends. */
struct json_out *admin_call_begin_row(struct admin_call *call);
void admin_call_end_row(struct admin_call *call);
/* A row whose object is written already. */
void admin_call_raw_row(struct admin_call *call, struct str object);
struct json_out *admin_call_begin_result(struct admin_call *call);
void admin_call_finish(struct admin_call *call); /* without a result begun: an empty one */
/* Goes on when the peer has taken what was sent; at once when it has left. */
void admin_call_when_drained(struct admin_call *call, admin_call_fn go_on);

/* hint: what to do, may be NULL. */
void admin_call_refuse(struct admin_call *call, enum err err, const char *hint, const char *format,
                       ...) PRINTF_LIKE(4, 5);
/* Between begin and end, which ends the call, the refusal may be given more members. */
struct json_out *admin_call_begin_refusal(struct admin_call *call,
                                          const struct control_refusal *refusal);
void admin_call_end_refusal(struct admin_call *call);
/* The store or a worker failed: says so and refuses. */
void admin_call_refuse_failure(struct admin_call *call, enum err err);
