/*
 * ctl_csv - reads comma separated values (RFC 4180) row by row.
 *
 * Fields may be quoted, with "" for a quote inside, and then hold commas and line ends. Lines end
 * in LF or CRLF; empty lines are skipped; a byte order mark ahead of all is too. Quotes are taken
 * out in place, so the text changes. Sans-I/O, allocates nothing.
 */
#pragma once

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

enum { CTL_CSV_COLUMNS = 16 };

enum ctl_csv_answer {
    CTL_CSV_ROW,
    CTL_CSV_END,
    CTL_CSV_BAD, /* row.problem says what is wrong in row.line; nothing more can be read */
};

struct ctl_csv {
    char *text;
    size_t len;
    size_t at;
    size_t line; /* of text[at], from 1 */
};

struct ctl_csv_row {
    size_t line; /* where it begins */
    struct str fields[CTL_CSV_COLUMNS];
    size_t count;
    const char *problem;
};

/* text is borrowed and will be changed. */
struct ctl_csv ctl_csv_of(char *text, size_t len);
enum ctl_csv_answer ctl_csv_next(struct ctl_csv *csv, struct ctl_csv_row *row);

/* Whether a spreadsheet would take the field for a formula, or for one that is guarded from that by
 * apostrophes. Export puts an apostrophe ahead of such a field, import takes it away. */
bool ctl_csv_is_formula(struct str field);
/* The field without the apostrophe that guards it, where there is one. */
struct str ctl_csv_unguarded(struct str field);
