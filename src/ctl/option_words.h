/*
 * option_words - takes the words of a command line apart into a struct, by a table of rows.
 *
 * For the tools whose options are few and fixed (simulate, bench). Complaints go to stderr and name
 * the nearest option. Keeps no pointer but those into argv that it stores.
 */
#pragma once

#include "base/attr.h"

#include <stdbool.h>
#include <stddef.h>

enum option_kind {
    OPTION_TEXT,     /* const char * */
    OPTION_FLAG,     /* bool */
    OPTION_NUMBER,   /* uint64_t, above 0 */
    OPTION_DURATION, /* uint64_t, milliseconds */
    OPTION_CHOICE,   /* unsigned, the place in `choices` */
};

struct option_row {
    const char *name;
    enum option_kind kind;
    size_t at;                  /* offset in the struct that is filled */
    const char *const *choices; /* of OPTION_CHOICE: the names, then NULL */
};

struct option_words {
    const char *verb; /* "switchyard bench", for complaints */
    const struct option_row *rows;
    size_t row_count;
};

/* At most this many rows. */
enum { OPTION_WORDS_MAX = 32 };

/* Fills *out from words[0..count); false after a complaint, *out is then filled in part. */
MUST_USE bool option_words_parse(const struct option_words *table, int count, char **words,
                                 void *out);

bool option_words_is_help(const char *word);
