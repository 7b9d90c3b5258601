#include "ctl/ctl_help.h"

#include <string.h>

enum { NAME_WIDTH = 24, LINE_WIDTH = 96, TIE = 1 };

static const char GLOBALS[] =
    "Options of every verb:\n"
    "  --socket PATH           the server's control socket (default: SWITCHYARD_CONTROL, then\n"
    "                          /run/switchyard/control.sock, then data/control.sock)\n"
    "  --json                  print JSON: an array for verbs that list, else an object\n"
    "  --help                  explain\n";

static const char EXITS[] =
    "Exit status: 0 done; 1 refused by the server; 2 wrong command line;\n"
    "3 no server at the socket.\n";

static struct str group_of(const char *words)
{
    struct str all = str_of(words);

    return str_sub(all, 0, str_find(all, ' '));
}

/* A word as it is printed: a TIE stands for a space where no line may break. */
static void put_word(struct buf *out, struct str word)
{
    for (size_t i = 0; i < word.len; i++)
        buf_append_byte(out, word.ptr[i] == TIE ? ' ' : word.ptr[i]);
}

/* Wraps at spaces; the first line begins at column `at`, the others at `indent`. */
static void put_wrapped(struct buf *out, struct str text, size_t at, size_t indent)
{
    struct str word;
    bool is_first = true;

    while (str_split(&text, ' ', &word)) {
        if (!is_first && at + 1 + word.len > LINE_WIDTH) {
            buf_printf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!is_first) {
            buf_append_byte(out, ' ');
            at++;
        }
        is_first = false;
        put_word(out, word);
        at += word.len;
    }
    buf_append_byte(out, '\n');
}

/* "  --name ARG" padded, then the text. */
static void put_entry(struct buf *out, struct str name, struct str text)
{
    size_t at = name.len + 2;

    buf_printf(out, "  " STR_FMT, STR_ARG(name));
    if (at + 1 > NAME_WIDTH + 2) {
        buf_printf(out, "\n%*s", NAME_WIDTH + 2, "");
        at = NAME_WIDTH + 2;
    }
    while (at < NAME_WIDTH + 2) {
        buf_append_byte(out, ' ');
        at++;
    }
    put_wrapped(out, text, at, NAME_WIDTH + 2);
}

static bool is_word(const struct control_option *option)
{
    return option->kind == CONTROL_WORD || option->kind == CONTROL_MAYBE ||
           option->kind == CONTROL_FILE;
}

static void put_name(struct buf *out, const struct control_option *option)
{
    if (is_word(option))
        buf_printf(out, "%s", option->argument);
    else if (option->argument[0] != '\0')
        buf_printf(out, "--%s %s", option->name, option->argument);
    else
        buf_printf(out, "--%s", option->name);
}

static void put_explanation(struct buf *out, const struct control_option *option)
{
    buf_printf(out, "%s", option->help);
    if (option->kind == CONTROL_NEEDED)
        buf_printf(out, " (needed)");
    if (option->fallback[0] != '\0')
        buf_printf(out, " (default: %s)", option->fallback);
}

static void put_option(struct buf *out, const struct control_option *option)
{
    struct buf name = BUF_EMPTY;
    struct buf text = BUF_EMPTY;

    put_name(&name, option);
    put_explanation(&text, option);
    put_entry(out, buf_str(&name), buf_str(&text));
    buf_free(&name);
    buf_free(&text);
}

static bool is_needed(const struct control_option *option)
{
    return option->kind == CONTROL_WORD || option->kind == CONTROL_NEEDED ||
           option->kind == CONTROL_FILE;
}

static void put_usage(struct buf *out, enum control_verb verb)
{
    const struct control_option *option;
    size_t at = 0;

    buf_printf(out, "switchyard ctl %s", control_verb_row(verb)->words);
    while ((option = control_verb_option_next(verb, &at)) != NULL) {
        size_t begin = out->len + 1;

        if (option->kind == CONTROL_WIRE)
            continue;
        buf_printf(out, is_needed(option) ? " " : " [");
        put_name(out, option);
        for (size_t i = begin; i < out->len; i++)
            if (out->ptr[i] == ' ')
                out->ptr[i] = TIE;
        if (!is_needed(option))
            buf_printf(out, option->kind == CONTROL_LIST ? "]..." : "]");
    }
}

static void put_examples(struct buf *out, enum control_verb verb, const char *indent)
{
    struct str rest = str_of(control_verb_row(verb)->examples);
    struct str example;

    while (str_split(&rest, '\n', &example))
        buf_printf(out, "%sswitchyard " STR_FMT "\n", indent, STR_ARG(example));
}

static void put_verb(struct buf *out, enum control_verb verb)
{
    struct buf usage = BUF_EMPTY;
    const struct control_option *option;
    size_t at = 0;

    put_usage(&usage, verb);
    put_wrapped(out, buf_str(&usage), 0, 4);
    buf_free(&usage);
    buf_append_byte(out, '\n');
    put_wrapped(out, str_of(control_verb_row(verb)->summary), 0, 0);
    buf_append_byte(out, '\n');
    while ((option = control_verb_option_next(verb, &at)) != NULL)
        if (option->kind != CONTROL_WIRE)
            put_option(out, option);
    buf_printf(out, "\n%s\nExamples:\n", GLOBALS);
    put_examples(out, verb, "  ");
}

static void put_verbs(struct buf *out, struct str group)
{
    for (int i = 0; i < CONTROL_VERB_COUNT; i++) {
        const struct control_verb_row *row = control_verb_row((enum control_verb)i);

        if (group.len > 0 && !str_eq(group, group_of(row->words)))
            continue;
        put_entry(out, str_of(row->words), str_of(row->summary));
    }
}

void ctl_help_format(const struct ctl_line *line, struct buf *out)
{
    if (line->has_verb) {
        put_verb(out, line->verb);
        return;
    }
    buf_printf(out, "switchyard ctl VERB ... - tells the running server what to do.\n\n");
    put_verbs(out, line->group);
    buf_printf(out, "\n%s\n%s\n", GLOBALS, EXITS);
    buf_printf(out,
               "Examples:\n"
               "  switchyard ctl status\n"
               "  switchyard ctl app create --help\n"
               "  switchyard ctl user create ann@example.com --json\n");
}

static void put_chapter(struct buf *out, enum control_verb verb)
{
    struct buf usage = BUF_EMPTY;
    const struct control_option *option;
    size_t at = 0;

    put_usage(&usage, verb);
    buf_printf(out, "\n## %s\n\n%s\n\n    ", control_verb_row(verb)->words,
               control_verb_row(verb)->summary);
    put_word(out, buf_str(&usage));
    buf_printf(out, "\n\n");
    buf_free(&usage);
    while ((option = control_verb_option_next(verb, &at)) != NULL) {
        if (option->kind == CONTROL_WIRE)
            continue;
        buf_printf(out, "* `");
        put_name(out, option);
        buf_printf(out, "`: ");
        put_explanation(out, option);
        buf_printf(out, ".\n");
    }
    if (control_verb_option_next(verb, &(size_t){0}) != NULL)
        buf_append_byte(out, '\n');
    put_examples(out, verb, "    ");
}

void ctl_help_manual(struct buf *out)
{
    buf_printf(out,
               "# switchyard ctl\n\n"
               "Made from `src/proto/control_verb.def` by `switchyard ctl --manual`; a test "
               "fails when it is not up to date.\n\n"
               "```\n%s\n%s```\n",
               GLOBALS, EXITS);
    for (int i = 0; i < CONTROL_VERB_COUNT; i++)
        put_chapter(out, (enum control_verb)i);
}
