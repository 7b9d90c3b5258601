#include "server/flags.h"

#include "base/nearest.h"

#include <string.h>

/* The arguments not read yet. */
struct cursor {
    int left;
    char *const *next;
};

/* A flag taken apart: "--name=value". */
struct word {
    struct str name;
    struct str value; /* ptr NULL: none behind "=" */
};

static bool word_split(const char *text, struct word *out)
{
    struct str rest = str_of(text);

    if (!str_starts(rest, STR("--")) || rest.len == 2)
        return false;
    rest = str_sub(rest, 2, rest.len);

    size_t equals = str_find(rest, '=');

    out->name = str_sub(rest, 0, equals);
    out->value =
        equals < rest.len ? (struct str){rest.ptr + equals + 1, rest.len - equals - 1} : STR_EMPTY;
    return true;
}

static enum err unknown_flag(struct str name, struct problem *problem)
{
    static const char *const others[] = {"config", "help"};
    char room[OPTION_COUNT][OPTION_NAME_CAP];
    const char *names[OPTION_COUNT + 2];

    for (size_t i = 0; i < OPTION_COUNT; i++)
        names[i] = option_flag(option_at(i), room[i]);
    memcpy(names + OPTION_COUNT, others, sizeof others);

    const char *nearest = nearest_name(name, names, OPTION_COUNT + 2);

    if (nearest == NULL)
        return problem_set(problem, ERR_INVALID, 0, "--" STR_FMT ": no such flag", STR_ARG(name));
    return problem_set(problem, ERR_INVALID, 0, "--" STR_FMT ": no such flag; did you mean --%s?",
                       STR_ARG(name), nearest);
}

/* What stands behind "=", else the next argument. */
static enum err take_value(struct cursor *cursor, const struct word *word, struct problem *problem,
                           struct str *out)
{
    if (word->value.ptr != NULL) {
        *out = word->value;
        return ERR_NONE;
    }
    if (cursor->left == 0)
        return problem_set(problem, ERR_INVALID, 0, "--" STR_FMT ": a value must follow",
                           STR_ARG(word->name));
    *out = str_of(*cursor->next++);
    cursor->left--;
    return ERR_NONE;
}

static enum err given_twice(const struct word *word, struct problem *problem)
{
    return problem_set(problem, ERR_INVALID, 0, "--" STR_FMT ": given twice", STR_ARG(word->name));
}

static enum err take_config(struct cursor *cursor, const struct word *word, struct problem *problem,
                            struct flags *flags)
{
    struct str file = STR_EMPTY;
    enum err err;

    if (flags->config != NULL)
        return given_twice(word, problem);
    if ((err = take_value(cursor, word, problem, &file)))
        return err;
    if (file.len == 0)
        return problem_set(problem, ERR_INVALID, 0, "--config: expected the name of a file");
    flags->config = file.ptr; /* NUL-terminated, as it ends where its argument does */
    return ERR_NONE;
}

static enum err take_option(struct cursor *cursor, const struct word *word, struct problem *problem,
                            struct flags *flags)
{
    struct flag flag = {.option = option_find_flag(word->name), .text = STR("true")};
    enum err err;

    if (flag.option == NULL)
        return unknown_flag(word->name, problem);
    for (size_t i = 0; i < flags->count; i++)
        if (flags->given[i].option == flag.option)
            return given_twice(word, problem);
    if (flag.option->type != OPTION_BOOL || word->value.ptr != NULL)
        if ((err = take_value(cursor, word, problem, &flag.text)))
            return err;
    flags->given[flags->count++] = flag;
    return ERR_NONE;
}

static enum err take_flag(struct cursor *cursor, struct problem *problem, struct flags *flags)
{
    const char *text = *cursor->next++;
    struct word word;

    cursor->left--;
    if (strcmp(text, "-h") == 0 || strcmp(text, "--help") == 0) {
        flags->help = true;
        return ERR_NONE;
    }
    if (!word_split(text, &word))
        return problem_set(problem, ERR_INVALID, 0, "\"%s\": expected a flag such as --config",
                           text);
    if (str_eq(word.name, STR("config")))
        return take_config(cursor, &word, problem, flags);
    return take_option(cursor, &word, problem, flags);
}

enum err flags_parse(int argc, char *const *argv, struct problem *problem, struct flags *out)
{
    struct cursor cursor = {.left = argc, .next = argv};
    struct flags flags = {.config = NULL};

    while (cursor.left > 0) {
        enum err err = take_flag(&cursor, problem, &flags);

        if (err)
            return err;
    }
    *out = flags;
    return ERR_NONE;
}
