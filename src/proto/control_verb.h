/*
 * control_verb - the verbs of the control socket and what each may be told, as const tables.
 *
 * control_verb.def is the one list; the command line parses and explains itself by it, the server
 * checks requests by it. Pure, any thread.
 */
#pragma once

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum control_verb {
#define VERB(id, words, list, summary, examples) CONTROL_##id,
#define OPTION(verb, name, argument, kind, help, fallback)
#include "proto/control_verb.def"
#undef VERB
#undef OPTION
    CONTROL_VERB_COUNT
};

enum control_option_kind {
    CONTROL_WORD,   /* a word behind the verb, needed */
    CONTROL_MAYBE,  /* a word behind the verb that may be left out */
    CONTROL_TEXT,   /* --name ARGUMENT */
    CONTROL_NEEDED, /* likewise, needed */
    CONTROL_LIST,   /* likewise, may stand several times: an array on the wire */
    CONTROL_FLAG,   /* --name: true on the wire */
    CONTROL_SECRET, /* --name ARGUMENT; asked for when it is not given and no flag stands in */
    CONTROL_ASK,    /* --name: ask for the secret "password"; the command line's alone */
    CONTROL_FILE,   /* a word behind the verb, needed: a file that the command line reads */
    CONTROL_WIRE,   /* only on the wire: what was in the file */
};

struct control_option {
    enum control_verb verb;
    enum control_option_kind kind;
    const char *name;
    const char *argument; /* how help calls what is given; empty for flags */
    const char *help;
    const char *fallback; /* what counts when it is not given; may be empty */
};

struct control_verb_row {
    const char *words; /* "app create" */
    bool is_list;
    const char *summary;
    const char *examples; /* one a line, without the program's name */
};

const struct control_verb_row *control_verb_row(enum control_verb verb);
/* False when there is no such verb. */
bool control_verb_find(struct str words, enum control_verb *out);
/* The nearest valid words, or NULL. */
const char *control_verb_nearest(struct str words);

/* The options of a verb: call with *at = 0; NULL at the end. */
const struct control_option *control_verb_option_next(enum control_verb verb, size_t *at);
const struct control_option *control_verb_option_find(enum control_verb verb, struct str name);
/* Whether a request may carry it (the command line keeps some to itself). */
bool control_verb_option_is_sent(const struct control_option *option);
