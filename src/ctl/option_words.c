#include "ctl/option_words.h"

#include "base/clock.h"
#include "base/nearest.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const struct option_row *find_row(const struct option_words *table, const char *word)
{
    const char *names[OPTION_WORDS_MAX];
    char hint[NEAREST_HINT_CAP];

    assert(table->row_count <= OPTION_WORDS_MAX);
    for (size_t i = 0; i < table->row_count; i++) {
        names[i] = table->rows[i].name;
        if (strcmp(word, names[i]) == 0)
            return &table->rows[i];
    }
    nearest_hint(word, names, table->row_count, hint);
    fprintf(stderr, "%s: no option \"%s\"%s\n", table->verb, word,
            hint[0] == '\0' ? "; see --help" : hint);
    return NULL;
}

static const char *wanted(enum option_kind kind)
{
    switch (kind) {
    case OPTION_NUMBER:
        return "a whole number above 0";
    case OPTION_DURATION:
        return "a duration such as 30s";
    case OPTION_CHOICE:
        return "one of ";
    case OPTION_TEXT:
    case OPTION_FLAG:
        break;
    }
    return "a value";
}

static bool choose(const struct option_row *row, const char *value, unsigned *out)
{
    for (unsigned i = 0; row->choices[i] != NULL; i++) {
        if (strcmp(value, row->choices[i]) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool set_value(const struct option_row *row, const char *value, void *out)
{
    void *at = (char *)out + row->at;

    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)at = true;
        return true;
    case OPTION_TEXT:
        *(const char **)at = value;
        return value != NULL;
    case OPTION_NUMBER:
        return value != NULL && str_to_u64(str_of(value), at) && *(uint64_t *)at > 0;
    case OPTION_DURATION:
        return value != NULL && clock_parse_duration(str_of(value), at);
    case OPTION_CHOICE:
        return value != NULL && choose(row, value, at);
    }
    return false;
}

static void complain(const struct option_words *table, const struct option_row *row)
{
    fprintf(stderr, "%s: %s wants %s", table->verb, row->name, wanted(row->kind));
    for (size_t i = 0; row->kind == OPTION_CHOICE && row->choices[i] != NULL; i++)
        fprintf(stderr, "%s%s", i == 0 ? "" : ", ", row->choices[i]);
    fputc('\n', stderr);
}

bool option_words_parse(const struct option_words *table, int count, char **words, void *out)
{
    for (int i = 0; i < count; i++) {
        const struct option_row *row = find_row(table, words[i]);
        const char *value = NULL;

        if (row == NULL)
            return false;
        if (row->kind != OPTION_FLAG && i + 1 < count)
            value = words[++i];
        if (!set_value(row, value, out)) {
            complain(table, row);
            return false;
        }
    }
    return true;
}

bool option_words_is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}
