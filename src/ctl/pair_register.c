#include "ctl/pair_register.h"

#include "base/crypto.h"
#include "base/json.h"
#include "ctl/ctl_channel.h"
#include "ctl/ctl_refusal.h"
#include "proto/control_request.h"

#include <stdio.h>
#include <string.h>

enum { MAX_MEMBERS = 32, CODE_CAP = 32, KEY_CAP = 128 };

/* Sends a request and wipes it: it may hold the key. False after a complaint. */
static bool ask(struct ctl_channel *channel, struct buf *request, struct json_out *json,
                struct control_answer *out)
{
    enum err err;

    control_request_end(json);
    err = ctl_channel_ask(channel, buf_str(request), NULL, NULL, out);
    crypto_wipe(request->ptr, request->len);
    buf_clear(request);
    if (err)
        fprintf(stderr, "switchyard pair: the server went away before it answered\n");
    return err == ERR_NONE;
}

static bool member(struct str object, struct str name, char *out, size_t cap)
{
    struct json_member members[MAX_MEMBERS];
    size_t count;

    return json_scan_object(object, members, MAX_MEMBERS, &count) == ERR_NONE &&
           json_to_text(json_find(members, count, name), out, cap);
}

static enum ctl_exit explain(const struct control_answer *answer)
{
    ctl_refusal_explain(answer->body, stderr);
    return CTL_REFUSED;
}

static enum ctl_exit create(struct ctl_channel *channel, struct buf *request,
                            const struct pair_registration *registration)
{
    struct json_out json = control_request_begin(request, CONTROL_DEVICE_CREATE);
    struct control_answer answer;

    json_out_str(&json, "id", str_of(registration->id));
    json_out_str(&json, "key", str_of(registration->key));
    json_out_str(&json, "owner", str_of(registration->owner));
    if (registration->name != NULL)
        json_out_str(&json, "name", str_of(registration->name));
    if (!ask(channel, request, &json, &answer))
        return CTL_UNREACHABLE;
    if (answer.kind == CONTROL_REFUSED)
        return explain(&answer);
    printf("Registered in the server as a device of %s.\n", registration->owner);
    return CTL_OK;
}

static enum ctl_exit assign(struct ctl_channel *channel, struct buf *request,
                            const struct pair_registration *registration)
{
    struct json_out json = control_request_begin(request, CONTROL_DEVICE_ASSIGN);
    struct control_answer answer;

    json_out_str(&json, "id", str_of(registration->id));
    json_out_str(&json, "owner", str_of(registration->owner));
    if (!ask(channel, request, &json, &answer))
        return CTL_UNREACHABLE;
    if (answer.kind == CONTROL_REFUSED)
        return explain(&answer);
    printf("The server knew the device; it is %s's now.\n", registration->owner);
    return CTL_OK;
}

static enum ctl_exit go_on(struct ctl_channel *channel, struct buf *request,
                           const struct pair_registration *registration)
{
    struct json_out json = control_request_begin(request, CONTROL_DEVICE_SHOW);
    struct control_answer answer;
    char code[CODE_CAP];
    char key[KEY_CAP];
    bool is_same;

    json_out_str(&json, "id", str_of(registration->id));
    json_out_bool(&json, "key", true);
    if (!ask(channel, request, &json, &answer))
        return CTL_UNREACHABLE;
    if (answer.kind == CONTROL_REFUSED) {
        if (member(answer.body, STR("code"), code, sizeof code) && strcmp(code, "not_found") == 0)
            return create(channel, request, registration);
        return explain(&answer);
    }
    is_same =
        member(answer.body, STR("key"), key, sizeof key) && strcmp(key, registration->key) == 0;
    crypto_wipe(key, sizeof key);
    if (is_same)
        return assign(channel, request, registration);
    fprintf(stderr,
            "switchyard pair: the server has a device %s with another key\n"
            "  the device would be refused there; `switchyard ctl device delete %s` forgets the "
            "old one\n",
            registration->id, registration->id);
    return CTL_REFUSED;
}

enum ctl_exit pair_register_run(const struct pair_registration *registration)
{
    struct ctl_channel *channel = NULL;
    struct buf request = BUF_EMPTY;
    enum ctl_exit result = CTL_UNREACHABLE;

    if (ctl_channel_open(registration->socket, stderr, &channel) == ERR_NONE)
        result = go_on(channel, &request, registration);
    ctl_channel_close(channel);
    buf_free(&request);
    return result;
}
