#include "server/config_print.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_COLUMNS = 90 };

/* Appends text in lines that each start with `lead`, broken at spaces. */
static void append_wrapped(struct buf *out, const char *lead, struct str text)
{
    size_t column = 0;
    struct str word;

    while (str_split(&text, ' ', &word)) {
        if (column > 0 && column + 1 + word.len > TEXT_COLUMNS) {
            buf_append_byte(out, '\n');
            column = 0;
        }
        buf_append(out, column == 0 ? str_of(lead) : STR(" "));
        column += column == 0 ? strlen(lead) : 1;
        buf_append(out, word);
        column += word.len;
    }
    buf_append_byte(out, '\n');
}

static void append_default(const struct option *option, struct buf *out)
{
    struct option_items items = {.at = {str_of(option->initial)}, .count = 1};

    if (option_value_is_list(option)) {
        bool fits = option_value_split(str_of(option->initial), &items);

        assert(fits);
        (void)fits;
    }
    option_value_format(option, &items, out);
}

/* Appends "Duration, 100ms to 10m. Read again on SIGHUP." */
static void append_kind(const struct option *option, struct buf *out)
{
    size_t first = out->len;

    buf_append(out, str_of(option_value_type(option)));
    assert(out->len > first);
    if (out->ptr[first] >= 'a' && out->ptr[first] <= 'z')
        out->ptr[first] = (char)(out->ptr[first] - 'a' + 'A');

    size_t len = out->len;

    buf_append(out, STR(", "));
    if (!option_value_range(option, out))
        out->len = len;
    buf_append(out, STR("."));
    if (option->reload == OPTION_RELOADS)
        buf_append(out, STR(" Read again on SIGHUP."));
}

/* Calls for the first option of a section: a headline. */
static bool begins_section(const struct option *option)
{
    size_t index = option_index(option);

    return index == 0 || !str_eq(option_section(option), option_section(option_at(index - 1)));
}

static const char *name_in_section(const struct option *option)
{
    size_t section = option_section(option).len;

    return option->path + (section > 0 ? section + 1 : 0);
}

void config_print_defaults(struct buf *out)
{
    struct buf kind = BUF_EMPTY;

    buf_append(out, STR("# Switchyard's options at their defaults, as `switchyard config defaults` "
                        "prints them.\n# Environment variables and flags come before this file; "
                        "see docs/options.md.\n"));
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = option_at(i);
        struct str section = option_section(option);
        const char *lead = section.len > 0 ? "  # " : "# ";

        buf_append_byte(out, '\n');
        if (begins_section(option) && section.len > 0)
            buf_printf(out, STR_FMT ":\n", STR_ARG(section));
        append_wrapped(out, lead, str_of(option->help));
        buf_clear(&kind);
        append_kind(option, &kind);
        append_wrapped(out, lead, buf_str(&kind));
        buf_printf(out, "%s%s: ", section.len > 0 ? "  " : "", name_in_section(option));
        append_default(option, out);
        buf_append_byte(out, '\n');
    }
    buf_free(&kind);
}

static void append_origin(const struct config *config, const struct option *option,
                          const char *file, struct buf *out)
{
    const struct config_source *source = &config->sources[option_index(option)];
    char name[OPTION_NAME_CAP];

    switch (source->origin) {
    case CONFIG_DEFAULT:
        buf_append(out, STR("default"));
        break;
    case CONFIG_FILE:
        buf_printf(out, "%s:%zu", file != NULL ? file : "file", source->line);
        break;
    case CONFIG_ENVIRONMENT:
        buf_append(out, str_of(option_env(option, name)));
        break;
    case CONFIG_FLAG:
        buf_printf(out, "--%s", option_flag(option, name));
        break;
    }
}

void config_print_values(const struct config *config, const char *file, struct buf *out)
{
    enum { ORIGIN_COLUMN = 48 };
    struct option_items items;

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = option_at(i);
        size_t start = out->len;

        buf_printf(out, "%s: ", option->path);
        config_items(config, option, &items);
        option_value_format(option, &items, out);
        do
            buf_append_byte(out, ' ');
        while (out->len - start < ORIGIN_COLUMN);
        buf_append(out, STR("# "));
        append_origin(config, option, file, out);
        buf_append_byte(out, '\n');
    }
}

static void append_manual_option(const struct option *option, struct buf *out)
{
    char name[OPTION_NAME_CAP];

    buf_printf(out, "\n### `%s`\n\n", option->path);
    append_wrapped(out, "", str_of(option->help));
    buf_append_byte(out, '\n');
    append_kind(option, out);
    buf_append(out, STR(" Default: `"));
    append_default(option, out);
    buf_printf(out, "`\n\n`--%s`", option_flag(option, name));
    buf_printf(out, " · `%s`\n", option_env(option, name));
}

void config_print_manual(struct buf *out)
{
    buf_append(
        out,
        STR("# Options\n\n"
            "Made by `switchyard config manual` from `src/server/option.def`; a test fails when "
            "this page is behind.\n\n"
            "An option is set in a YAML file (`--config FILE`, or `SWITCHYARD_CONFIG`), by an "
            "environment variable, or by a\nflag; a flag comes before a variable, and a variable "
            "before the file. `switchyard config show` tells each value in\nuse and where it comes "
            "from, `switchyard config check` finds mistakes, and `switchyard config defaults` "
            "prints\na file to start from (`etc/switchyard.yaml`).\n\n"
            "Durations are written `250ms`, `145s`, `2m`, `1h30m`; sizes `512`, `64KiB`, `1MiB`; "
            "addresses `*:8080` (every address,\nIPv4 and IPv6), `127.0.0.1:8080`, `[::1]:8080`. "
            "In the file a list is `[a, b]`; in a variable or a flag its values\nstand behind each "
            "other with commas. What a running server takes over on SIGHUP is marked; all else "
            "needs a restart.\n\n"
            "`SWITCHYARD_CONTROL` is no option of the server: it tells `switchyard ctl` where the "
            "control socket is.\n"));
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = option_at(i);
        struct str section = option_section(option);

        if (begins_section(option) && section.len > 0)
            buf_printf(out, "\n## " STR_FMT "\n", STR_ARG(section));
        else if (begins_section(option))
            buf_append(out, STR("\n## The server\n"));
        append_manual_option(option, out);
    }
}

void config_print_flags(struct buf *out)
{
    char name[OPTION_NAME_CAP];

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = option_at(i);

        buf_printf(out, "  --%s  (", option_flag(option, name));
        append_default(option, out);
        buf_append(out, STR(")\n"));
        append_wrapped(out, "        ", str_of(option->help));
    }
}
