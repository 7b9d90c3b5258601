#include "ctl/ctl_export.h"

#include "base/crypto.h"
#include "base/json.h"
#include "ctl/ctl_csv.h"

#include <string.h>

enum { MAX_MEMBERS = 16, FIELD_CAP = 256 };

/* As ctl_import.c reads them. */
static const char *const COLUMNS[] = {"deviceid", "key", "name", "model", "owner"};

enum { COLUMN_COUNT = sizeof COLUMNS / sizeof *COLUMNS, KEY_COLUMN = 1 };

static bool is_left_out(const struct ctl_export *export, size_t column)
{
    return column == KEY_COLUMN && !export->with_keys;
}

static void put_comma(const struct ctl_export *export, size_t column)
{
    if (column > 0)
        fputc(',', export->file);
}

void ctl_export_begin(const struct ctl_export *export)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (is_left_out(export, i))
            continue;
        put_comma(export, i);
        fputs(COLUMNS[i], export->file);
    }
    fputs("\r\n", export->file);
}

static void put_field(FILE *file, const char *text)
{
    bool is_guarded = ctl_csv_is_formula(str_of(text));

    if (strpbrk(text, ",\"\r\n") == NULL && text[0] != ' ' && !is_guarded) {
        fputs(text, file);
        return;
    }
    fputs(is_guarded ? "\"'" : "\"", file);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', file);
        fputc(*text, file);
    }
    fputc('"', file);
}

void ctl_export_row(void *ctx, struct str object)
{
    const struct ctl_export *export = ctx;
    struct json_member members[MAX_MEMBERS];
    char field[FIELD_CAP];
    size_t count;

    if (json_scan_object(object, members, MAX_MEMBERS, &count))
        return;
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (is_left_out(export, i))
            continue;
        put_comma(export, i);
        if (json_to_text(json_find(members, count, str_of(COLUMNS[i])), field, sizeof field))
            put_field(export->file, field);
        crypto_wipe(field, sizeof field);
    }
    fputs("\r\n", export->file);
}
