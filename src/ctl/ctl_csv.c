#include "ctl/ctl_csv.h"

#include <string.h>

struct ctl_csv ctl_csv_of(char *text, size_t len)
{
    struct ctl_csv csv = {.text = text, .len = len, .line = 1};

    if (str_starts((struct str){text, len}, STR("\xef\xbb\xbf")))
        csv.at = 3;
    return csv;
}

static bool has(const struct ctl_csv *csv, char byte)
{
    return csv->at < csv->len && csv->text[csv->at] == byte;
}

/* Takes a line end; false when there is none here. A CR alone is none. */
static bool take_line_end(struct ctl_csv *csv)
{
    if (has(csv, '\r') && csv->len - csv->at > 1 && csv->text[csv->at + 1] == '\n')
        csv->at++;
    if (!has(csv, '\n'))
        return false;
    csv->at++;
    csv->line++;
    return true;
}

/* A quote that is not doubled ends the field; of a doubled one the second is left to be taken. */
static bool take_closing_quote(struct ctl_csv *csv)
{
    if (!has(csv, '"'))
        return false;
    csv->at++;
    return !has(csv, '"');
}

static const char *read_quoted(struct ctl_csv *csv, struct str *field)
{
    char *begin = csv->text + csv->at + 1;
    char *end = begin; /* of what is unquoted already */

    for (csv->at++; csv->at < csv->len; csv->at++) {
        if (has(csv, '\n'))
            csv->line++;
        if (take_closing_quote(csv)) {
            *field = (struct str){begin, (size_t)(end - begin)};
            return NULL;
        }
        *end++ = csv->text[csv->at];
    }
    return "a quoted field has no end";
}

static bool is_at_line_end(const struct ctl_csv *csv)
{
    struct ctl_csv ahead = *csv;

    return csv->at == csv->len || take_line_end(&ahead);
}

static const char *read_plain(struct ctl_csv *csv, struct str *field)
{
    size_t begin = csv->at;

    while (!is_at_line_end(csv) && !has(csv, ',')) {
        if (has(csv, '"'))
            return "a quote stands inside a field that does not begin with one";
        csv->at++;
    }
    *field = (struct str){csv->text + begin, csv->at - begin};
    return NULL;
}

/* NULL, or what is wrong. */
static const char *read_fields(struct ctl_csv *csv, struct ctl_csv_row *row)
{
    for (;;) {
        const char *problem;

        if (row->count == CTL_CSV_COLUMNS)
            return "too many columns";
        problem = has(csv, '"') ? read_quoted(csv, &row->fields[row->count])
                                : read_plain(csv, &row->fields[row->count]);
        if (problem != NULL)
            return problem;
        row->count++;
        if (csv->at == csv->len || take_line_end(csv))
            return NULL;
        if (!has(csv, ','))
            return "something stands behind a quoted field";
        csv->at++;
    }
}

enum ctl_csv_answer ctl_csv_next(struct ctl_csv *csv, struct ctl_csv_row *row)
{
    while (take_line_end(csv))
        ;
    row->line = csv->line;
    row->count = 0;
    row->problem = NULL;
    if (csv->at == csv->len)
        return CTL_CSV_END;
    row->problem = read_fields(csv, row);
    return row->problem == NULL ? CTL_CSV_ROW : CTL_CSV_BAD;
}

bool ctl_csv_is_formula(struct str field)
{
    size_t at = 0;

    while (at < field.len && field.ptr[at] == '\'')
        at++;
    return at < field.len && field.ptr[at] != '\0' && strchr("=+-@\t\r", field.ptr[at]) != NULL;
}

struct str ctl_csv_unguarded(struct str field)
{
    bool is_guarded = field.len > 0 && field.ptr[0] == '\'' && ctl_csv_is_formula(field);

    return is_guarded ? str_sub(field, 1, field.len) : field;
}
