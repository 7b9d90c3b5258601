#include "proto/control_request.h"

#include "base/nearest.h"

#include <stdio.h>

enum { MAX_OUTER = 8, VERB_CAP = 32 };

static enum err find_verb(struct json_value value, enum control_verb *out,
                          struct control_refusal *refusal)
{
    char words[VERB_CAP] = "";
    const char *near;

    if (value.kind != JSON_STRING)
        return control_refusal_set(refusal, ERR_INVALID,
                                   "send one object a line: {\"verb\":\"status\",\"args\":{}}",
                                   "the request names no verb");
    if (json_to_text(value, words, sizeof words) && control_verb_find(str_of(words), out))
        return ERR_NONE;
    near = control_verb_nearest(str_of(words));
    control_refusal_set(refusal, ERR_INVALID, "see `switchyard ctl --help`", "no verb '%s'", words);
    if (near != NULL)
        snprintf(refusal->hint, sizeof refusal->hint, "did you mean '%s'?", near);
    return ERR_INVALID;
}

static enum err refuse_name(enum control_verb verb, struct str name,
                            struct control_refusal *refusal)
{
    const char *names[CONTROL_MAX_ARGS];
    size_t count = 0;
    size_t at = 0;
    const char *near;

    for (const struct control_option *option;
         (option = control_verb_option_next(verb, &at)) != NULL;)
        if (control_verb_option_is_sent(option) && count < CONTROL_MAX_ARGS)
            names[count++] = option->name;
    control_refusal_set(refusal, ERR_INVALID, NULL, "'%s' has no option '%.*s'",
                        control_verb_row(verb)->words, name.len > 64 ? 64 : (int)name.len,
                        name.ptr);
    near = nearest_name(name, names, count);
    if (near != NULL)
        snprintf(refusal->hint, sizeof refusal->hint, "did you mean '%s'?", near);
    return ERR_INVALID;
}

static bool is_of_kind(enum json_kind kind, enum control_option_kind option)
{
    switch (option) {
    case CONTROL_FLAG:
        return kind == JSON_TRUE || kind == JSON_FALSE;
    case CONTROL_LIST:
    case CONTROL_WIRE:
        return kind == JSON_ARRAY;
    case CONTROL_WORD:
    case CONTROL_MAYBE:
    case CONTROL_TEXT:
    case CONTROL_NEEDED:
    case CONTROL_SECRET:
        return kind == JSON_STRING;
    case CONTROL_ASK:
    case CONTROL_FILE:
        break;
    }
    return false;
}

static const char *kind_text(enum control_option_kind kind)
{
    if (kind == CONTROL_FLAG)
        return "true or false";
    return kind == CONTROL_LIST || kind == CONTROL_WIRE ? "an array" : "a string";
}

static enum err check_arg(const struct control_request *request, size_t index,
                          struct control_refusal *refusal)
{
    const struct json_member *arg = &request->args[index];
    const struct control_option *option = control_verb_option_find(request->verb, arg->key);

    if (option == NULL || !control_verb_option_is_sent(option))
        return refuse_name(request->verb, arg->key, refusal);
    if (!is_of_kind(arg->value.kind, option->kind))
        return control_refusal_set(refusal, ERR_INVALID, NULL, "'%s' must be %s", option->name,
                                   kind_text(option->kind));
    for (size_t i = 0; i < index; i++)
        if (str_eq(request->args[i].key, arg->key))
            return control_refusal_set(refusal, ERR_INVALID, NULL, "'%s' is given twice",
                                       option->name);
    return ERR_NONE;
}

static bool is_needed(enum control_option_kind kind)
{
    return kind == CONTROL_WORD || kind == CONTROL_NEEDED || kind == CONTROL_WIRE;
}

static enum err check_args(const struct control_request *request, struct control_refusal *refusal)
{
    size_t at = 0;

    for (size_t i = 0; i < request->count; i++)
        if (check_arg(request, i, refusal))
            return ERR_INVALID;
    for (const struct control_option *option;
         (option = control_verb_option_next(request->verb, &at)) != NULL;) {
        struct json_value value = json_find(request->args, request->count, str_of(option->name));

        if (is_needed(option->kind) && value.kind == JSON_NONE)
            return control_refusal_set(refusal, ERR_INVALID, NULL, "'%s' needs '%s': %s",
                                       control_verb_row(request->verb)->words, option->name,
                                       option->help);
    }
    return ERR_NONE;
}

enum err control_request_parse(struct str line, struct control_request *out,
                               struct control_refusal *refusal)
{
    struct json_member outer[MAX_OUTER];
    struct control_request request = {.count = 0};
    struct json_value args;
    size_t count;

    if (json_scan_object(line, outer, MAX_OUTER, &count))
        return control_refusal_set(refusal, ERR_INVALID,
                                   "send one object a line: {\"verb\":\"status\",\"args\":{}}",
                                   "the request is not a JSON object");
    if (find_verb(json_find(outer, count, STR("verb")), &request.verb, refusal))
        return ERR_INVALID;
    args = json_find(outer, count, STR("args"));
    if (args.kind != JSON_NONE &&
        json_scan_object(args.raw, request.args, CONTROL_MAX_ARGS, &request.count))
        return control_refusal_set(refusal, ERR_INVALID, NULL,
                                   "'args' must be an object of at most %d members",
                                   CONTROL_MAX_ARGS);
    if (check_args(&request, refusal))
        return ERR_INVALID;
    *out = request;
    return ERR_NONE;
}

struct json_out control_request_begin(struct buf *buf, enum control_verb verb)
{
    struct json_out out = json_out_to(buf);

    json_out_object(&out, NULL);
    json_out_str(&out, "verb", str_of(control_verb_row(verb)->words));
    json_out_object(&out, "args");
    return out;
}

void control_request_end(struct json_out *out)
{
    json_out_end_object(out);
    json_out_end_object(out);
}
