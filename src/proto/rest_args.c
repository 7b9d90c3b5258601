#include "proto/rest_args.h"

#include "proto/wire_in.h"

static const struct rest_arg *find(const struct rest_args *args, struct str name)
{
    for (size_t i = 0; i < args->count; i++)
        if (str_eq(args->items[i].name, name))
            return &args->items[i];
    return NULL;
}

enum err rest_args_add(struct rest_args *args, struct str name, struct str text)
{
    if (args->count == REST_ARGS_MAX)
        return ERR_TOO_LARGE;
    args->items[args->count++] = (struct rest_arg){.name = name, .text = text};
    return ERR_NONE;
}

/* A decoded string is shorter than its raw text by the two quotes at least, so its NUL fits too. */
static bool take_text(struct json_value value, char **room, struct str *out)
{
    *out = wire_in_text_or_number(value);
    if (!value.has_escape)
        return true;
    if (!json_to_text(value, *room, value.raw.len))
        return false;
    *out = str_of(*room);
    *room += out->len + 1;
    return true;
}

enum err rest_args_add_body(struct rest_args *args, struct str body, char *room)
{
    struct json_member members[REST_ARGS_MAX];
    size_t count;
    enum err err;

    if (str_trim(body).len == 0)
        return ERR_NONE;
    if ((err = json_scan_object(body, members, REST_ARGS_MAX, &count)))
        return err;
    if (count > REST_ARGS_MAX - args->count)
        return ERR_TOO_LARGE;
    for (size_t i = 0; i < count; i++) {
        struct rest_arg *arg = &args->items[args->count++];

        arg->name = members[i].key;
        arg->value = members[i].value;
        if (!take_text(members[i].value, &room, &arg->text))
            return ERR_INVALID;
    }
    return ERR_NONE;
}

struct str rest_args_text(const struct rest_args *args, const char *name)
{
    const struct rest_arg *arg = find(args, str_of(name));

    return arg == NULL ? STR_EMPTY : arg->text;
}

bool rest_args_i64(const struct rest_args *args, const char *name, int64_t *out)
{
    struct str text = rest_args_text(args, name);
    bool is_negative = text.len > 0 && text.ptr[0] == '-';
    uint64_t number;

    if (!str_to_u64(str_sub(text, is_negative ? 1 : 0, text.len), &number) || number > INT64_MAX)
        return false;
    *out = is_negative ? -(int64_t)number : (int64_t)number;
    return true;
}

struct json_value rest_args_json(const struct rest_args *args, const char *name)
{
    const struct rest_arg *arg = find(args, str_of(name));

    return arg == NULL ? (struct json_value){0} : arg->value;
}
