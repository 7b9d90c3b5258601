#include "server/option.h"

#include "base/nearest.h"
#include "server/config.h"

#include <assert.h>
#include <string.h>

static const struct option options[] = {
#define OPTION(field, type, path, initial, low, high, reload, help)                                \
    {path, OPTION_##type,   initial, low,                                                          \
     high, OPTION_##reload, help,    offsetof(struct config, field)},
#include "server/option.def"
#undef OPTION
};

static_assert(sizeof options / sizeof options[0] == OPTION_COUNT, "one row per option");

const struct option *option_at(size_t index)
{
    assert(index < OPTION_COUNT);
    return &options[index];
}

size_t option_index(const struct option *option)
{
    return (size_t)(option - options);
}

const struct option *option_find(struct str path)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (str_eq(str_of(options[i].path), path))
            return &options[i];
    return NULL;
}

const struct option *option_find_flag(struct str flag)
{
    char name[OPTION_NAME_CAP];

    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (str_eq(str_of(option_flag(&options[i], name)), flag))
            return &options[i];
    return NULL;
}

const struct option *option_find_env(struct str name)
{
    char env[OPTION_NAME_CAP];

    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (str_eq(str_of(option_env(&options[i], env)), name))
            return &options[i];
    return NULL;
}

const char *option_flag(const struct option *option, char out[OPTION_NAME_CAP])
{
    bool fits = str_copy(str_of(option->path), out, OPTION_NAME_CAP);

    assert(fits);
    for (char *at = out; *at != '\0'; at++)
        if (*at == '.' || *at == '_')
            *at = '-';
    return out;
}

static char env_byte(char byte)
{
    if (byte == '.')
        return '_';
    return (char)(byte >= 'a' && byte <= 'z' ? byte - 'a' + 'A' : byte);
}

const char *option_env(const struct option *option, char out[OPTION_NAME_CAP])
{
    size_t prefix = sizeof OPTION_ENV_PREFIX - 1;
    bool fits = str_copy(str_of(option->path), out + prefix, OPTION_NAME_CAP - prefix);

    assert(fits);
    memcpy(out, OPTION_ENV_PREFIX, prefix);
    for (char *at = out + prefix; *at != '\0'; at++)
        *at = env_byte(*at);
    return out;
}

struct str option_section(const struct option *option)
{
    struct str path = str_of(option->path);
    size_t dot = path.len;

    while (dot > 0 && path.ptr[dot - 1] != '.')
        dot--;
    return str_sub(path, 0, dot > 0 ? dot - 1 : 0);
}

const struct option *option_section_find(struct str section)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (section.len > 0 && str_eq(option_section(&options[i]), section))
            return &options[i];
    return NULL;
}

const char *option_nearest(struct str path)
{
    const char *names[OPTION_COUNT];

    for (size_t i = 0; i < OPTION_COUNT; i++)
        names[i] = options[i].path;
    return nearest_name(path, names, OPTION_COUNT);
}

bool option_section_nearest(struct str word, char out[OPTION_NAME_CAP])
{
    char sections[OPTION_COUNT][OPTION_NAME_CAP];
    const char *names[OPTION_COUNT];
    const char *nearest;
    size_t count = 0;

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        struct str section = option_section(&options[i]);

        if (section.len == 0 || !str_copy(section, sections[count], OPTION_NAME_CAP))
            continue;
        names[count] = sections[count];
        count++;
    }
    nearest = nearest_name(word, names, count);
    return nearest != NULL && str_copy(str_of(nearest), out, OPTION_NAME_CAP);
}
