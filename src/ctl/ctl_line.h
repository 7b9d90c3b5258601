/*
 * ctl_line - the words of a `switchyard ctl` command, checked against control_verb.def.
 *
 * Reads no file and asks nobody. Options may stand anywhere, as --name VALUE or --name=VALUE; "--"
 * ends them. Views and pointers look into argv.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"
#include "proto/control_verb.h"

#include <stdbool.h>
#include <stddef.h>

enum { CTL_LINE_MAX_GIVEN = 64 };

struct ctl_given {
    const struct control_option *option;
    struct str text; /* empty for flags */
};

struct ctl_line {
    bool has_verb;
    enum control_verb verb;
    struct str group; /* "app": the verb's first word, or all there is of it */
    bool wants_help;
    bool wants_json;
    const char *socket; /* NULL: not given */
    struct ctl_given given[CTL_LINE_MAX_GIVEN];
    size_t count;
};

/* argv[0] is not looked at. False when the line is wrong: *problem says why and what to do, in
 * lines. With wants_help nothing else needs to be there. */
MUST_USE bool ctl_line_parse(int argc, char **argv, struct ctl_line *out, struct buf *problem);

/* The value that was given last; ptr NULL when none was. */
struct str ctl_line_find(const struct ctl_line *line, const char *name);
bool ctl_line_has(const struct ctl_line *line, const char *name);
