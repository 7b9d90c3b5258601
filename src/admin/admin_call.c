#include "admin/admin_call.h"

#include "admin/admin_verb.h"
#include "base/alloc.h"
#include "base/crypto.h"
#include "proto/control_answer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct admin_call {
    struct link link; /* in admin_calls.list */
    const struct admin_config *config;
    struct admin_call_peer peer;
    bool is_abandoned;
    char *line; /* the request's views look into it */
    size_t line_len;
    struct control_request request;
    void *state;
    size_t state_size;
    struct buf answer; /* the line being written */
    struct json_out out;
    bool has_answer; /* begun, to be sent by finish */
    admin_call_fn go_on;
};

static void send_answer(struct admin_call *call)
{
    if (!call->is_abandoned)
        call->peer.send(call->peer.ctx, buf_str(&call->answer));
    buf_clear(&call->answer);
    call->has_answer = false;
}

static struct json_out *begin(struct admin_call *call, enum control_answer_kind kind)
{
    assert(!call->has_answer);
    call->has_answer = true;
    call->out = control_answer_begin(&call->answer, kind);
    return &call->out;
}

/* Requests and states hold passwords and tokens. */
static void free_wiped(void *ptr, size_t size)
{
    if (ptr != NULL)
        crypto_wipe(ptr, size);
    free(ptr);
}

static void end(struct admin_call *call)
{
    control_answer_end(&call->out);
    send_answer(call);
    link_remove(&call->link);
    if (!call->is_abandoned)
        call->peer.on_end(call->peer.ctx);
    buf_free(&call->answer);
    free_wiped(call->line, call->line_len);
    free_wiped(call->state, call->state_size);
    free(call);
}

static void refuse_line(const struct admin_call_peer *peer, const struct control_refusal *refusal)
{
    struct buf buf = BUF_EMPTY;
    struct json_out out = control_answer_begin(&buf, CONTROL_REFUSED);

    control_answer_refusal(&out, refusal);
    control_answer_end(&out);
    peer->send(peer->ctx, buf_str(&buf));
    buf_free(&buf);
}

struct admin_call *admin_call_new(struct admin_calls *calls, const struct admin_call_peer *peer,
                                  struct str line)
{
    struct admin_call *call = alloc_zero(sizeof *call);
    struct control_refusal refusal;

    call->line = alloc_text(line.ptr, line.len);
    call->line_len = line.len;
    if (control_request_parse((struct str){call->line, line.len}, &call->request, &refusal)) {
        refuse_line(peer, &refusal);
        free_wiped(call->line, line.len);
        free(call);
        return NULL;
    }
    call->config = calls->config;
    call->peer = *peer;
    link_init(&call->link);
    link_insert(&calls->list, &call->link);
    return call;
}

void admin_call_run(struct admin_call *call)
{
    admin_verb_run(call);
}

void admin_call_abandon(struct admin_call *call)
{
    call->is_abandoned = true;
    admin_call_on_drained(call);
}

void admin_call_on_drained(struct admin_call *call)
{
    admin_call_fn go_on = call->go_on;

    call->go_on = NULL;
    if (go_on != NULL)
        go_on(call);
}

const struct admin_config *admin_call_config(const struct admin_call *call)
{
    return call->config;
}

struct mailbox *admin_call_mailbox(const struct admin_call *call)
{
    return loop_mailbox(call->config->loop);
}

bool admin_call_is_abandoned(const struct admin_call *call)
{
    return call->is_abandoned;
}

void *admin_call_state(struct admin_call *call, size_t size)
{
    if (call->state == NULL) {
        call->state = alloc_zero(size);
        call->state_size = size;
    }
    assert(size <= call->state_size);
    return call->state;
}

enum control_verb admin_call_verb(const struct admin_call *call)
{
    return call->request.verb;
}

struct json_value admin_call_value(const struct admin_call *call, const char *name)
{
    return json_find(call->request.args, call->request.count, str_of(name));
}

bool admin_call_has(const struct admin_call *call, const char *name)
{
    return admin_call_value(call, name).kind != JSON_NONE;
}

bool admin_call_flag(const struct admin_call *call, const char *name)
{
    return admin_call_value(call, name).kind == JSON_TRUE;
}

bool admin_call_text(struct admin_call *call, const char *name, char *out, size_t cap)
{
    struct json_value value = admin_call_value(call, name);

    out[0] = '\0';
    if (value.kind == JSON_NONE || json_to_text(value, out, cap))
        return true;
    admin_call_refuse(call, ERR_INVALID, NULL, "'%s' must be at most %zu bytes of text", name,
                      cap - 1);
    return false;
}

bool admin_call_word(struct admin_call *call, const char *name, admin_check_fn check, char *out,
                     size_t cap)
{
    const char *wanted = NULL;

    if (!admin_call_text(call, name, out, cap))
        return false;
    if (admin_call_has(call, name))
        wanted = check(str_of(out));
    if (wanted != NULL)
        admin_call_refuse(call, ERR_INVALID, NULL, "'%s' must be %s", name, wanted);
    return wanted == NULL;
}

bool admin_call_number(struct admin_call *call, const char *name, uint64_t fallback, uint64_t *out)
{
    struct json_value value = admin_call_value(call, name);
    struct str text;

    if (value.kind == JSON_NONE) {
        *out = fallback;
        return true;
    }
    if (json_to_view(value, &text) && str_to_u64(text, out))
        return true;
    admin_call_refuse(call, ERR_INVALID, "give digits only, for example 100",
                      "'%s' must be a whole number", name);
    return false;
}

struct json_out *admin_call_begin_row(struct admin_call *call)
{
    return begin(call, CONTROL_ROW);
}

void admin_call_end_row(struct admin_call *call)
{
    control_answer_end(&call->out);
    send_answer(call);
}

void admin_call_raw_row(struct admin_call *call, struct str object)
{
    assert(!call->has_answer);
    control_answer_row(&call->answer, object);
    send_answer(call);
}

struct json_out *admin_call_begin_result(struct admin_call *call)
{
    return begin(call, CONTROL_OK);
}

void admin_call_finish(struct admin_call *call)
{
    if (!call->has_answer)
        begin(call, CONTROL_OK);
    end(call);
}

void admin_call_when_drained(struct admin_call *call, admin_call_fn go_on)
{
    assert(call->go_on == NULL);
    if (call->is_abandoned || call->peer.queued(call->peer.ctx) == 0)
        go_on(call);
    else
        call->go_on = go_on;
}

struct json_out *admin_call_begin_refusal(struct admin_call *call,
                                          const struct control_refusal *refusal)
{
    buf_clear(&call->answer); /* a result that was begun gives way */
    call->has_answer = false;
    begin(call, CONTROL_REFUSED);
    control_answer_refusal(&call->out, refusal);
    return &call->out;
}

void admin_call_end_refusal(struct admin_call *call)
{
    end(call);
}

void admin_call_refuse(struct admin_call *call, enum err err, const char *hint, const char *format,
                       ...)
{
    struct control_refusal refusal;
    char text[sizeof refusal.text];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    control_refusal_set(&refusal, err, hint, "%s", text);
    admin_call_begin_refusal(call, &refusal);
    end(call);
}

void admin_call_refuse_failure(struct admin_call *call, enum err err)
{
    const char *hint = err == ERR_FULL ? "too much is waiting: try again in a moment"
                                       : "nothing was changed; the server's log says more";

    admin_call_refuse(call, err, hint, "the store could not do it: %s", err_text(err));
}
