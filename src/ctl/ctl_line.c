#include "ctl/ctl_line.h"

#include "base/nearest.h"

#include <string.h>

enum { MAX_WORDS = 2, MAX_NAMES = 24, VERB_CAP = 64 };

static const char *const GLOBALS[] = {"socket", "json", "help"};

enum { GLOBAL_COUNT = sizeof GLOBALS / sizeof *GLOBALS };

/* The reading position: what is left of argv, and what the line is so far. */
struct reader {
    int left;
    char **next;
    bool only_words; /* "--" has come */
    struct ctl_line *line;
    struct buf *problem;
    struct str words[MAX_WORDS]; /* of the verb */
    size_t word_count;
    size_t placed; /* words behind the verb */
};

static bool is_word(enum control_option_kind kind)
{
    return kind == CONTROL_WORD || kind == CONTROL_MAYBE || kind == CONTROL_FILE;
}

static bool takes_value(enum control_option_kind kind)
{
    return kind != CONTROL_FLAG && kind != CONTROL_ASK;
}

static bool is_flag_like(enum control_option_kind kind)
{
    return !is_word(kind) && kind != CONTROL_WIRE;
}

static bool suggest(struct buf *problem, const char *before, const char *near)
{
    if (near != NULL)
        buf_printf(problem, "did you mean '%s%s'?\n", before, near);
    return false;
}

/* Whether any verb begins with this word. */
static bool is_group(struct str word)
{
    for (int i = 0; i < CONTROL_VERB_COUNT; i++) {
        struct str words = str_of(control_verb_row((enum control_verb)i)->words);

        if (str_starts(words, word) && words.len > word.len && words.ptr[word.len] == ' ')
            return true;
    }
    return false;
}

static bool refuse_verb(struct reader *reader, struct str words)
{
    buf_printf(reader->problem, "no verb '" STR_FMT "'\n", STR_ARG(words));
    if (control_verb_nearest(words) == NULL)
        buf_printf(reader->problem, "see `switchyard ctl --help`\n");
    return suggest(reader->problem, "", control_verb_nearest(words));
}

static bool take_verb_word(struct reader *reader, struct str word)
{
    struct ctl_line *line = reader->line;
    char words[VERB_CAP] = "";
    struct buf joined = BUF_EMPTY;
    bool is_known;

    reader->words[reader->word_count++] = word;
    line->group = reader->words[0];
    buf_append(&joined, reader->words[0]);
    if (reader->word_count > 1) {
        buf_append_byte(&joined, ' ');
        buf_append(&joined, reader->words[1]);
    }
    is_known = str_copy(buf_str(&joined), words, sizeof words) &&
               control_verb_find(str_of(words), &line->verb);
    buf_free(&joined);
    line->has_verb = is_known;
    if (is_known || (reader->word_count == 1 && is_group(word)))
        return true;
    return refuse_verb(reader, words[0] == '\0' ? word : str_of(words));
}

static bool give(struct reader *reader, const struct control_option *option, struct str text)
{
    struct ctl_line *line = reader->line;

    if (option->kind != CONTROL_LIST && ctl_line_has(line, option->name)) {
        buf_printf(reader->problem, "'%s' is given twice\n", option->name);
        return false;
    }
    if (line->count == CTL_LINE_MAX_GIVEN) {
        buf_printf(reader->problem, "too many options\n");
        return false;
    }
    line->given[line->count++] = (struct ctl_given){option, text};
    return true;
}

/* A word behind the verb: for the next option that is one. */
static bool take_word(struct reader *reader, struct str word)
{
    struct ctl_line *line = reader->line;
    const struct control_option *option;
    size_t words = 0;
    size_t at = 0;

    if (!line->has_verb && reader->word_count == 0 && str_eq(word, STR("help"))) {
        line->wants_help = true;
        return true;
    }
    if (!line->has_verb)
        return take_verb_word(reader, word);
    while ((option = control_verb_option_next(line->verb, &at)) != NULL) {
        if (is_word(option->kind) && words++ == reader->placed) {
            reader->placed++;
            return give(reader, option, word);
        }
    }
    buf_printf(reader->problem, "'" STR_FMT "' is one word too many\n", STR_ARG(word));
    buf_printf(reader->problem, "see `switchyard ctl %s --help`\n",
               control_verb_row(line->verb)->words);
    return false;
}

static bool refuse_name(struct reader *reader, struct str name)
{
    const struct ctl_line *line = reader->line;
    const char *names[MAX_NAMES + GLOBAL_COUNT];
    size_t count = 0;
    size_t at = 0;
    const struct control_option *option;

    for (size_t i = 0; i < GLOBAL_COUNT; i++)
        names[count++] = GLOBALS[i];
    while (line->has_verb && (option = control_verb_option_next(line->verb, &at)) != NULL)
        if (is_flag_like(option->kind) && count < MAX_NAMES)
            names[count++] = option->name;
    if (line->has_verb)
        buf_printf(reader->problem, "'%s' has no option '--" STR_FMT "'\n",
                   control_verb_row(line->verb)->words, STR_ARG(name));
    else
        buf_printf(reader->problem, "no option '--" STR_FMT "' ahead of the verb\n", STR_ARG(name));
    return suggest(reader->problem, "--", nearest_name(name, names, count));
}

/* The value behind "=", or the next word. */
static bool take_value(struct reader *reader, struct str name, struct str *value)
{
    if (value->ptr != NULL)
        return true;
    if (reader->left == 0) {
        buf_printf(reader->problem, "'--" STR_FMT "' needs a value\n", STR_ARG(name));
        return false;
    }
    *value = str_of(*reader->next++);
    reader->left--;
    return true;
}

static bool refuse_value(struct reader *reader, struct str name)
{
    buf_printf(reader->problem, "'--" STR_FMT "' takes no value\n", STR_ARG(name));
    return false;
}

/* --socket, --json and --help; *is_global says whether it was one. */
static bool take_global(struct reader *reader, struct str name, struct str value, bool *is_global)
{
    struct ctl_line *line = reader->line;

    *is_global = true;
    if (str_eq(name, STR("socket"))) {
        if (!take_value(reader, name, &value))
            return false;
        line->socket = value.ptr; /* argv's words end in a NUL */
        return true;
    }
    if (str_eq(name, STR("json")))
        line->wants_json = true;
    else if (str_eq(name, STR("help")))
        line->wants_help = true;
    else
        *is_global = false;
    return *is_global && value.ptr != NULL ? refuse_value(reader, name) : true;
}

static bool take_option(struct reader *reader, struct str text)
{
    size_t end = str_find(text, '=');
    struct str name = str_sub(text, 0, end);
    struct str value = end < text.len ? str_sub(text, end + 1, text.len) : STR_EMPTY;
    const struct control_option *option = NULL;
    bool is_global;

    if (!take_global(reader, name, value, &is_global))
        return false;
    if (is_global)
        return true;
    if (reader->line->has_verb)
        option = control_verb_option_find(reader->line->verb, name);
    if (option == NULL || !is_flag_like(option->kind))
        return refuse_name(reader, name);
    if (!takes_value(option->kind))
        return value.ptr != NULL ? refuse_value(reader, name) : give(reader, option, STR_EMPTY);
    return take_value(reader, name, &value) && give(reader, option, value);
}

static bool take(struct reader *reader)
{
    struct str word = str_of(*reader->next++);

    reader->left--;
    if (reader->only_words || word.len < 2 || word.ptr[0] != '-')
        return take_word(reader, word);
    if (str_eq(word, STR("--"))) {
        reader->only_words = true;
        return true;
    }
    if (str_eq(word, STR("-h"))) {
        reader->line->wants_help = true;
        return true;
    }
    return take_option(reader, str_sub(word, word.ptr[1] == '-' ? 2 : 1, word.len));
}

static bool check_needed(const struct ctl_line *line, struct buf *problem)
{
    const char *words = control_verb_row(line->verb)->words;
    const struct control_option *option;
    size_t at = 0;

    while ((option = control_verb_option_next(line->verb, &at)) != NULL) {
        bool is_needed = option->kind == CONTROL_WORD || option->kind == CONTROL_NEEDED ||
                         option->kind == CONTROL_FILE;

        if (!is_needed || ctl_line_has(line, option->name))
            continue;
        buf_printf(problem, "'%s' needs %s%s%s: %s\n", words, is_word(option->kind) ? "" : "--",
                   is_word(option->kind) ? "" : option->name,
                   is_word(option->kind) ? option->argument : "", option->help);
        buf_printf(problem, "see `switchyard ctl %s --help`\n", words);
        return false;
    }
    return true;
}

bool ctl_line_parse(int argc, char **argv, struct ctl_line *out, struct buf *problem)
{
    struct reader reader = {.left = argc - 1, .next = argv + 1, .line = out, .problem = problem};

    *out = (struct ctl_line){.group = STR_EMPTY};
    while (reader.left > 0)
        if (!take(&reader))
            return false;
    if (out->wants_help)
        return true;
    if (out->has_verb)
        return check_needed(out, problem);
    if (out->group.len > 0)
        buf_printf(problem, "'" STR_FMT "' needs a verb: see `switchyard ctl " STR_FMT " --help`\n",
                   STR_ARG(out->group), STR_ARG(out->group));
    else
        buf_printf(problem, "what shall be done? See `switchyard ctl --help`\n");
    return false;
}

struct str ctl_line_find(const struct ctl_line *line, const char *name)
{
    for (size_t i = line->count; i > 0; i--)
        if (strcmp(line->given[i - 1].option->name, name) == 0)
            return line->given[i - 1].text;
    return STR_EMPTY;
}

bool ctl_line_has(const struct ctl_line *line, const char *name)
{
    for (size_t i = 0; i < line->count; i++)
        if (strcmp(line->given[i].option->name, name) == 0)
            return true;
    return false;
}
