#include "ctl/ctl_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

enum { LONGEST_LINE = 96 };

static void check_lines(struct str text)
{
    struct str line;

    while (str_split(&text, '\n', &line)) {
        bool is_example = str_starts(line, STR("  switchyard "));

        if (line.len > LONGEST_LINE && !is_example)
            fail_msg("too long: %.*s", STR_ARG(line));
        if (line.len > 0 && line.ptr[line.len - 1] == ' ')
            fail_msg("ends in a space: %.*s", STR_ARG(line));
    }
}

static void the_help_on_every_verb_fits_a_terminal_and_has_an_example(void **state)
{
    (void)state;
    for (int i = 0; i < CONTROL_VERB_COUNT; i++) {
        const struct ctl_line line = {.has_verb = true, .verb = (enum control_verb)i};
        struct buf out = BUF_EMPTY;

        ctl_help_format(&line, &out);
        check_lines(buf_str(&out));
        buf_append_byte(&out, '\0');
        assert_memory_equal(out.ptr, "switchyard ctl ", 15);
        assert_non_null(strstr(out.ptr, "Examples:\n  switchyard ctl "));
        buf_free(&out);
    }
}

static void the_help_on_all_names_every_verb(void **state)
{
    const struct ctl_line line = {.has_verb = false};
    struct buf out = BUF_EMPTY;

    (void)state;
    ctl_help_format(&line, &out);
    check_lines(buf_str(&out));
    buf_append_byte(&out, '\0');
    for (int i = 0; i < CONTROL_VERB_COUNT; i++)
        assert_non_null(strstr(out.ptr, control_verb_row((enum control_verb)i)->words));
    buf_free(&out);
}

/* The page is made by `switchyard ctl --manual > docs/ctl.md`. */
static void the_manual_in_docs_is_up_to_date(void **state)
{
    FILE *file = fopen(SOURCE_ROOT "/docs/ctl.md", "r");
    struct buf wanted = BUF_EMPTY;
    struct buf found = BUF_EMPTY;

    (void)state;
    assert_non_null(file);
    ctl_help_manual(&wanted);
    found.len = fread(buf_reserve(&found, wanted.len + 1), 1, wanted.len + 1, file);
    fclose(file);
    if (!str_eq(buf_str(&wanted), buf_str(&found)))
        fail_msg("docs/ctl.md is stale: switchyard ctl --manual > docs/ctl.md");
    buf_free(&wanted);
    buf_free(&found);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_help_on_every_verb_fits_a_terminal_and_has_an_example),
        cmocka_unit_test(the_help_on_all_names_every_verb),
        cmocka_unit_test(the_manual_in_docs_is_up_to_date),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
