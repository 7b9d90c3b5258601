#include "proto/control_verb.h"

#include "base/nearest.h"

static const struct control_verb_row VERBS[] = {
#define VERB(id, words, list, summary, examples) {words, list, summary, examples},
#define OPTION(verb, name, argument, kind, help, fallback)
#include "proto/control_verb.def"
#undef VERB
#undef OPTION
};

static const struct control_option OPTIONS[] = {
#define VERB(id, words, list, summary, examples)
#define OPTION(verb, name, argument, kind, help, fallback)                                         \
    {CONTROL_##verb, CONTROL_##kind, name, argument, help, fallback},
#include "proto/control_verb.def"
#undef VERB
#undef OPTION
};

enum { OPTION_COUNT = sizeof OPTIONS / sizeof *OPTIONS };

const struct control_verb_row *control_verb_row(enum control_verb verb)
{
    return &VERBS[verb];
}

bool control_verb_find(struct str words, enum control_verb *out)
{
    for (int verb = 0; verb < CONTROL_VERB_COUNT; verb++) {
        if (!str_eq(words, str_of(VERBS[verb].words)))
            continue;
        *out = (enum control_verb)verb;
        return true;
    }
    return false;
}

const char *control_verb_nearest(struct str words)
{
    const char *names[CONTROL_VERB_COUNT];

    for (int verb = 0; verb < CONTROL_VERB_COUNT; verb++)
        names[verb] = VERBS[verb].words;
    return nearest_name(words, names, CONTROL_VERB_COUNT);
}

const struct control_option *control_verb_option_next(enum control_verb verb, size_t *at)
{
    while (*at < OPTION_COUNT) {
        const struct control_option *option = &OPTIONS[(*at)++];

        if (option->verb == verb)
            return option;
    }
    return NULL;
}

const struct control_option *control_verb_option_find(enum control_verb verb, struct str name)
{
    size_t at = 0;

    for (const struct control_option *option;
         (option = control_verb_option_next(verb, &at)) != NULL;)
        if (str_eq(name, str_of(option->name)))
            return option;
    return NULL;
}

bool control_verb_option_is_sent(const struct control_option *option)
{
    return option->kind != CONTROL_ASK && option->kind != CONTROL_FILE;
}
