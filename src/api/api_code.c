#include "api/api_code.h"

#include "api/api_private.h"
#include "api/api_user.h"
#include "proto/rest_user.h"

/* docs/protocol.md, "Verification codes". */
static const struct {
    enum verification_verdict verdict;
    int v1;
    int v2;
} code_errors[] = {
    {VERIFICATION_INVALID, 400, 400},  {VERIFICATION_UNKNOWN, 401, 10003},
    {VERIFICATION_EXISTS, 409, 10009}, {VERIFICATION_ELSEWHERE, 301, 10004},
    {VERIFICATION_NOT_SENT, 504, 500}, {VERIFICATION_TOO_OFTEN, 160038, 10010},
};

static const struct {
    enum enrolment_verdict verdict;
    int v1;
    int v2;
} form_errors[] = {
    {ENROLMENT_INVALID, 400, 400},  {ENROLMENT_CLOSED, 403, 406},    {ENROLMENT_WRONG, 498, 10002},
    {ENROLMENT_EXISTS, 409, 10009}, {ENROLMENT_UNKNOWN, 401, 10003},
};

static int code_error(enum rest_style style, enum verification_verdict verdict)
{
    for (size_t i = 0; i < sizeof code_errors / sizeof *code_errors; i++)
        if (code_errors[i].verdict == verdict)
            return style == REST_V2 ? code_errors[i].v2 : code_errors[i].v1;
    return 500;
}

static int form_error(enum rest_style style, enum enrolment_verdict verdict)
{
    for (size_t i = 0; i < sizeof form_errors / sizeof *form_errors; i++)
        if (form_errors[i].verdict == verdict)
            return style == REST_V2 ? form_errors[i].v2 : form_errors[i].v1;
    return 500;
}

/* v1 calls a phone number "to" here. */
static struct str account_of(const struct api_call *call, char room[static REST_USER_ACCOUNT_CAP])
{
    struct str account = rest_user_account(&call->args, room);

    return account.len > 0 ? account : rest_args_text(&call->args, "to");
}

static void on_asked(void *ctx, enum verification_verdict verdict, struct str region)
{
    struct api_call *call = ctx;
    struct json_out json;

    if (verdict == VERIFICATION_DONE) {
        api_call_succeed(call);
        return;
    }
    json = api_call_begin_refusal(call, code_error(call->route->style, verdict));
    if (verdict == VERIFICATION_ELSEWHERE)
        json_out_str(&json, "region", region);
    api_call_send_refusal(call, &json);
}

/* What the code is for: "sendType" in v1, "type" in v2. */
static bool read_purpose(const struct api_call *call, enum code_purpose *out)
{
    const char *name = call->route->style == REST_V2 ? "type" : "sendType";
    int64_t number;

    if (!rest_args_i64(&call->args, name, &number) ||
        (number != CODE_REGISTER && number != CODE_RESET))
        return false;
    *out = number == CODE_REGISTER ? CODE_REGISTER : CODE_RESET;
    return true;
}

static void on_code(struct api_call *call)
{
    const struct api_config *config = &call->api->config;
    char room[REST_USER_ACCOUNT_CAP];
    struct verification_question question = {
        .account = account_of(call, room),
        .peer_ip = str_of(call->peer_ip),
        .wall_ms = loop_wall_ms(config->loop),
        .now_ms = loop_now_ms(config->loop),
        .on_verdict = on_asked,
        .ctx = call,
    };

    if (!read_purpose(call, &question.purpose))
        api_call_refuse(call, 400);
    else if (question.purpose == CODE_REGISTER && !enrolment_is_open(config->enrolment))
        api_call_refuse(call, form_error(call->route->style, ENROLMENT_CLOSED));
    else
        verification_ask(config->verification, &question);
}

/* Who has shown the code is logged in, as the documents say. */
static void on_enrolled(void *ctx, enum enrolment_verdict verdict, const struct user_record *user)
{
    struct api_call *call = ctx;

    if (verdict == ENROLMENT_DONE)
        api_user_log_in(call, user);
    else
        api_call_refuse(call, form_error(call->route->style, verdict));
}

static void hand_in(struct api_call *call,
                    void (*apply)(struct enrolment *enrolment, const struct enrolment_form *form))
{
    char room[REST_USER_ACCOUNT_CAP];
    const struct enrolment_form form = {
        .account = account_of(call, room),
        .password = rest_args_text(&call->args, "password"),
        .code = rest_args_text(&call->args, "verificationCode"),
        .wall_ms = loop_wall_ms(call->api->config.loop),
        .on_done = on_enrolled,
        .ctx = call,
    };

    apply(call->api->config.enrolment, &form);
}

static void on_register(struct api_call *call)
{
    hand_in(call, enrolment_register);
}

static void on_reset(struct api_call *call)
{
    hand_in(call, enrolment_reset);
}

static const struct api_route routes[] = {
    {"POST", "/api/sms", API_SIGNED, REST_INFO, 406, on_code},
    {"POST", "/api/user/register", API_SIGNED, REST_BARE, 406, on_register},
    {"POST", "/api/user/password/reset", API_SIGNED, REST_BARE, 406, on_reset},
    {"POST", "/v2/user/verification-code", API_SIGNED, REST_V2, 0, on_code},
    {"POST", "/v2/user/register", API_SIGNED, REST_V2, 0, on_register},
    {"POST", "/v2/user/reset-pwd", API_SIGNED, REST_V2, 0, on_reset},
};

const struct api_resource api_code = {routes, sizeof routes / sizeof *routes};
