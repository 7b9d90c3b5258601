#include "server/config_command.h"

#include "base/nearest.h"
#include "server/command_line.h"
#include "server/config_check.h"
#include "server/config_print.h"

#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: switchyard config VERB [--config FILE] [flags]\n"
    "\n"
    "  check      finds mistakes in the file, the environment and the flags\n"
    "  show       every option's value, and where it comes from\n"
    "  defaults   a configuration file with every option at its default, to start from\n"
    "  manual     docs/options.md\n";

/* Writes the text and frees it; an empty buf has no bytes to point at. */
static int put(struct buf *text, FILE *to)
{
    if (text->len > 0)
        fwrite(text->ptr, 1, text->len, to);
    buf_free(text);
    return CONFIG_COMMAND_OK;
}

static int check(const struct command_line *line, const struct config *config)
{
    struct buf warnings = BUF_EMPTY;

    (void)config; /* it could be loaded: that is the check */
    config_check_environment(&line->environment, &warnings);
    put(&warnings, stderr);
    printf("%s: no mistakes\n", line->file != NULL ? line->file : "environment and flags");
    return CONFIG_COMMAND_OK;
}

static int show(const struct command_line *line, const struct config *config)
{
    struct buf text = BUF_EMPTY;

    config_print_values(config, line->file, &text);
    return put(&text, stdout);
}

/* A verb prints a text made from the table, or works on a configuration. */
static const struct verb {
    const char *name;
    void (*print)(struct buf *out);
    int (*run)(const struct command_line *line, const struct config *config);
} verbs[] = {
    {"check", NULL, check},
    {"show", NULL, show},
    {"defaults", config_print_defaults, NULL},
    {"manual", config_print_manual, NULL},
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

static int unknown_verb(const char *word)
{
    const char *names[VERBS];
    char hint[NEAREST_HINT_CAP];

    for (size_t i = 0; i < VERBS; i++)
        names[i] = verbs[i].name;
    nearest_hint(word, names, VERBS, hint);
    fprintf(stderr, "switchyard config: no verb \"%s\"%s\n%s", word, hint,
            hint[0] == '\0' ? usage : "");
    return CONFIG_COMMAND_USAGE;
}

static int run_verb(const struct verb *verb, const struct command_line *line)
{
    struct buf text = BUF_EMPTY;
    struct config *config;

    if (verb->print != NULL) {
        verb->print(&text);
        return put(&text, stdout);
    }
    if (command_line_load(line, &config))
        return CONFIG_COMMAND_BAD;

    int code = verb->run(line, config);

    config_free(config);
    return code;
}

int config_command(int argc, char *const *argv, const struct environment *environment)
{
    struct command_line line;

    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        fputs(usage, argc < 2 ? stderr : stdout);
        return argc < 2 ? CONFIG_COMMAND_USAGE : CONFIG_COMMAND_OK;
    }
    for (size_t i = 0; i < VERBS; i++) {
        if (strcmp(argv[1], verbs[i].name) != 0)
            continue;
        if (command_line_parse(argc - 2, argv + 2, environment, &line))
            return CONFIG_COMMAND_USAGE;
        if (!line.flags.help)
            return run_verb(&verbs[i], &line);
        fputs(usage, stdout);
        return CONFIG_COMMAND_OK;
    }
    return unknown_verb(argv[1]);
}
