#include "server/config.h"

#include "base/alloc.h"
#include "server/config_check.h"
#include "server/config_yaml.h"
#include "server/file.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX_BYTES = 256 * 1024 };

/* Room for any field. */
union field {
    char *text;
    uint64_t number;
    bool flag;
    unsigned choice;
    struct text_list list; /* the other lists are laid out like it */
};

static void *field_of(struct config *config, const struct option *option)
{
    return (char *)config + option->offset;
}

static size_t field_bytes(const struct option *option)
{
    static const size_t sizes[] = {
#define OPTION(field, ...) sizeof((struct config *)NULL)->field,
#include "server/option.def"
#undef OPTION
    };

    return sizes[option_index(option)];
}

static void set_default(struct config *config, const struct option *option)
{
    struct config_given given = {.option = option, .origin = CONFIG_DEFAULT};
    enum err err = config_set_text(config, &given, str_of(option->initial), NULL);

    assert(err == ERR_NONE);
    (void)err;
}

struct config *config_new(void)
{
    struct config *config = alloc_zero(sizeof *config);

    for (size_t i = 0; i < OPTION_COUNT; i++)
        set_default(config, option_at(i));
    return config;
}

void config_free(struct config *config)
{
    if (config == NULL)
        return;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        option_value_free(option_at(i), field_of(config, option_at(i)));
        free(config->sources[i].text);
    }
    free(config);
}

/* What the person who gave the value calls it. */
static const char *name_of(const struct config_given *given, char out[OPTION_NAME_CAP])
{
    char flag[OPTION_NAME_CAP];

    if (given->origin == CONFIG_ENVIRONMENT)
        return option_env(given->option, out);
    if (given->origin == CONFIG_FLAG)
        snprintf(out, OPTION_NAME_CAP, "--%s", option_flag(given->option, flag));
    else
        snprintf(out, OPTION_NAME_CAP, "%s", given->option->path);
    return out;
}

static enum err bad_value(const struct config_given *given, struct str bad, struct problem *problem)
{
    struct buf expected = BUF_EMPTY;
    char name[OPTION_NAME_CAP];
    enum err err;

    option_value_expect(given->option, &expected);
    name_of(given, name);
    if (bad.ptr == NULL)
        err = problem_set(problem, ERR_INVALID, given->line, "%s: expected at most %llu values",
                          name, (unsigned long long)given->option->high);
    else
        err = problem_set(problem, ERR_INVALID, given->line, "%s: \"%.*s\" is not " STR_FMT, name,
                          bad.len > 60 ? 60 : (int)bad.len, bad.ptr, STR_ARG(buf_str(&expected)));
    buf_free(&expected);
    return err;
}

/* Keeps the items' text beside their value, for config_items(). */
static void keep_source(struct config_source *source, const struct config_given *given)
{
    struct buf text = BUF_EMPTY;

    for (size_t i = 0; i < given->items.count; i++) {
        buf_append(&text, given->items.at[i]);
        buf_append_byte(&text, '\0');
    }
    free(source->text);
    *source = (struct config_source){
        .origin = given->origin, .line = given->line, .text = text.ptr, .text_len = text.len};
}

enum err config_set(struct config *config, const struct config_given *given,
                    struct problem *problem)
{
    const struct option *option = given->option;
    union field value = {.number = 0};
    struct str bad;

    if (!option_value_parse(option, &given->items, &value, &bad))
        return bad_value(given, bad, problem);
    option_value_free(option, field_of(config, option));
    memcpy(field_of(config, option), &value, field_bytes(option));
    keep_source(&config->sources[option_index(option)], given);
    return ERR_NONE;
}

enum err config_set_text(struct config *config, struct config_given *given, struct str text,
                         struct problem *problem)
{
    if (!option_value_is_list(given->option)) {
        given->items.at[0] = text;
        given->items.count = 1;
    } else if (!option_value_split(text, &given->items)) {
        return bad_value(given, STR_EMPTY, problem);
    }
    return config_set(config, given, problem);
}

static enum err apply_environment(struct config *config, const struct environment *environment,
                                  struct problem *problem)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        struct config_given given = {.option = option_at(i), .origin = CONFIG_ENVIRONMENT};
        char name[OPTION_NAME_CAP];
        const char *text = environment_find(environment, option_env(given.option, name));
        enum err err;

        if (text == NULL)
            continue;
        if ((err = config_set_text(config, &given, str_of(text), problem)))
            return err;
    }
    return ERR_NONE;
}

static enum err apply_flags(struct config *config, const struct flags *flags,
                            struct problem *problem)
{
    for (size_t i = 0; i < flags->count; i++) {
        const struct flag *flag = &flags->given[i];
        struct config_given given = {.option = flag->option, .origin = CONFIG_FLAG};
        enum err err = config_set_text(config, &given, flag->text, problem);

        if (err)
            return err;
    }
    return ERR_NONE;
}

static enum err apply_file(struct config *config, const char *file, struct problem *problem)
{
    struct buf text = BUF_EMPTY;
    enum err err = file_read(file, FILE_MAX_BYTES, &text, problem);

    if (err == ERR_NONE)
        err = config_yaml_apply(config, buf_str(&text), problem);
    buf_free(&text);
    return err;
}

enum err config_load(const struct config_inputs *inputs, struct problem *problem,
                     struct config **out)
{
    struct config *config = config_new();
    enum err err = ERR_NONE;

    if (inputs->file != NULL && (err = apply_file(config, inputs->file, problem)))
        goto out;
    if ((err = apply_environment(config, inputs->environment, problem)))
        goto out;
    if ((err = apply_flags(config, inputs->flags, problem)))
        goto out;
    if ((err = config_check(config, problem)))
        goto out;
    *out = config;
    return ERR_NONE;
out:
    config_free(config);
    return err;
}

void config_items(const struct config *config, const struct option *option,
                  struct option_items *out)
{
    const struct config_source *source = &config->sources[option_index(option)];
    struct str rest = {source->text, source->text_len};

    out->count = 0;
    while (rest.len > 0) {
        size_t len = str_find(rest, '\0');

        out->at[out->count++] = str_sub(rest, 0, len);
        rest = str_sub(rest, len + 1, rest.len);
    }
}

bool config_is_same(const struct config *a, const struct config *b, const struct option *option)
{
    const struct config_source *left = &a->sources[option_index(option)];
    const struct config_source *right = &b->sources[option_index(option)];

    return str_eq((struct str){left->text, left->text_len},
                  (struct str){right->text, right->text_len});
}

const char *config_path(const struct config *config, const char *configured, const char *name,
                        char out[CONFIG_PATH_CAP])
{
    if (configured[0] != '\0')
        snprintf(out, CONFIG_PATH_CAP, "%s", configured);
    else
        snprintf(out, CONFIG_PATH_CAP, "%s/%s", config->data, name);
    return out;
}
