#include "ctl/ctl_import.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/nearest.h"
#include "ctl/ctl_csv.h"
#include "ctl/ctl_refusal.h"
#include "ctl/ctl_table.h"
#include "proto/control_request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    BATCH_ROWS = 1000,
    BATCH_BYTES = 512 * 1024, /* half of what a request may be long */
    READ_BYTES = 64 * 1024,
    MAX_FILE_BYTES = 512 * 1024 * 1024,
    MAX_COMPLAINTS = 20,
    PROGRESS_ROWS = 10000,
    FIELD_CAP = 512,
};

/* The columns, in the order of the wire. */
static const char *const COLUMNS[] = {"deviceid", "key", "name", "model", "owner"};

enum { COLUMN_COUNT = sizeof COLUMNS / sizeof *COLUMNS, NEEDED_COLUMNS = 2 };

struct ctl_import {
    struct ctl_import_streams streams;
    struct buf text;
    struct buf rows; /* of all rows: JSON arrays, each ending in LF */
    size_t row_count;
    size_t places[COLUMN_COUNT]; /* in the file; CTL_CSV_COLUMNS: not there */
    size_t width;                /* fields of each row */
    size_t complaints;
    size_t sent;
    size_t imported;
    size_t skipped;
};

static void complain(struct ctl_import *import, size_t line, const char *text)
{
    if (import->complaints++ < MAX_COMPLAINTS)
        fprintf(import->streams.err, "line %zu: %s\n", line, text);
}

static enum err read_all(FILE *file, struct buf *out)
{
    for (;;) {
        size_t got = fread(buf_reserve(out, READ_BYTES), 1, READ_BYTES, file);

        out->len += got;
        if (got == 0)
            return ferror(file) ? ERR_IO : ERR_NONE;
        if (out->len > MAX_FILE_BYTES)
            return ERR_TOO_LARGE;
    }
}

static bool read_file(struct ctl_import *import, const char *path)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    enum err err = file == NULL ? ERR_IO : read_all(file, &import->text);

    if (err == ERR_TOO_LARGE)
        fprintf(import->streams.err, "switchyard ctl: %s is larger than 512 MiB: split it\n", path);
    else if (err)
        fprintf(import->streams.err, "switchyard ctl: can't read %s: %s\n", path, strerror(errno));
    if (file != NULL && !is_stdin)
        fclose(file);
    return err == ERR_NONE;
}

static void learn_column(struct ctl_import *import, const struct ctl_csv_row *row, size_t place)
{
    struct str name = str_trim(row->fields[place]);
    char text[FIELD_CAP];
    const char *near;

    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        if (!str_eq_nocase(name, str_of(COLUMNS[i])))
            continue;
        if (import->places[i] != CTL_CSV_COLUMNS)
            complain(import, row->line, "a column stands twice");
        import->places[i] = place;
        return;
    }
    near = nearest_name(name, COLUMNS, COLUMN_COUNT);
    snprintf(text, sizeof text,
             "no column '%.*s'%s%s%s: the columns are deviceid,key,name,model,owner",
             name.len > 64 ? 64 : (int)name.len, name.ptr, near == NULL ? "" : ", did you mean '",
             near == NULL ? "" : near, near == NULL ? "" : "'");
    complain(import, row->line, text);
}

static void read_header(struct ctl_import *import, struct ctl_csv *csv)
{
    struct ctl_csv_row row;

    for (size_t i = 0; i < COLUMN_COUNT; i++)
        import->places[i] = CTL_CSV_COLUMNS;
    if (ctl_csv_next(csv, &row) != CTL_CSV_ROW) {
        complain(import, row.line, row.problem != NULL ? row.problem : "the file is empty");
        return;
    }
    import->width = row.count;
    for (size_t place = 0; place < row.count; place++)
        learn_column(import, &row, place);
    for (size_t i = 0; i < NEEDED_COLUMNS; i++)
        if (import->places[i] == CTL_CSV_COLUMNS && import->complaints == 0)
            complain(import, row.line,
                     "the first line must be a header with at least deviceid and key");
}

static void add_row(struct ctl_import *import, const struct ctl_csv_row *row)
{
    struct json_out out = json_out_to(&import->rows);

    if (row->count != import->width) {
        char text[FIELD_CAP];

        snprintf(text, sizeof text, "%zu fields where the header has %zu", row->count,
                 import->width);
        complain(import, row->line, text);
        return;
    }
    json_out_array(&out, NULL);
    json_out_int(&out, NULL, (int64_t)row->line);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        json_out_str(&out, NULL,
                     import->places[i] == CTL_CSV_COLUMNS
                         ? STR("")
                         : ctl_csv_unguarded(row->fields[import->places[i]]));
    json_out_end_array(&out);
    buf_append_byte(&import->rows, '\n');
    import->row_count++;
}

static void check(struct ctl_import *import)
{
    struct ctl_csv csv = ctl_csv_of(import->text.ptr, import->text.len);
    enum ctl_csv_answer answer;
    struct ctl_csv_row row;

    read_header(import, &csv);
    if (import->complaints > 0)
        return;
    while ((answer = ctl_csv_next(&csv, &row)) == CTL_CSV_ROW)
        add_row(import, &row);
    if (answer == CTL_CSV_BAD)
        complain(import, row.line, row.problem);
}

enum ctl_exit ctl_import_open(const char *file, const struct ctl_import_streams *streams,
                              struct ctl_import **out)
{
    struct ctl_import *import = alloc_zero(sizeof *import);

    import->streams = *streams;
    if (!read_file(import, file)) {
        ctl_import_close(import);
        return CTL_USAGE;
    }
    check(import);
    buf_free(&import->text);
    if (import->complaints > 0) {
        fprintf(streams->err, "switchyard ctl: %zu lines of %s are wrong; nothing was imported\n",
                import->complaints, file);
        ctl_import_close(import);
        return CTL_USAGE;
    }
    *out = import;
    return CTL_OK;
}

void ctl_import_close(struct ctl_import *import)
{
    if (import == NULL)
        return;
    buf_free(&import->text);
    buf_free(&import->rows);
    free(import);
}

/* Moves the next rows from *rest into a request; returns how many. */
static size_t make_batch(struct str *rest, bool skips_existing, struct buf *request)
{
    struct json_out out;
    struct str row;
    size_t count = 0;

    buf_clear(request);
    out = control_request_begin(request, CONTROL_DEVICE_IMPORT);
    if (skips_existing)
        json_out_bool(&out, "skip-existing", true);
    json_out_array(&out, "rows");
    while (count < BATCH_ROWS && request->len < BATCH_BYTES && str_split(rest, '\n', &row)) {
        json_out_raw(&out, NULL, row);
        count++;
    }
    json_out_end_array(&out);
    control_request_end(&out);
    return count;
}

static void print_bad_rows(struct ctl_import *import, struct json_value rows)
{
    struct str rest = rows.raw;
    struct json_value item;

    while (json_array_next(&rest, &item)) {
        struct json_member members[4];
        char text[FIELD_CAP] = "";
        int64_t line = 0;
        size_t count = 0;

        if (json_scan_object(item.raw, members, 4, &count) ||
            !json_to_i64(json_find(members, count, STR("line")), &line) ||
            !json_to_text(json_find(members, count, STR("text")), text, sizeof text))
            continue;
        fprintf(import->streams.err, "line %lld: %s\n", (long long)line, text);
    }
}

static void say_progress(struct ctl_import *import, bool is_last)
{
    if (import->streams.is_live)
        fprintf(import->streams.err, "\r%zu of %zu devices%s", import->sent, import->row_count,
                is_last ? "\n" : "");
    else if (is_last || import->sent % PROGRESS_ROWS == 0)
        fprintf(import->streams.err, "%zu of %zu devices\n", import->sent, import->row_count);
}

static enum ctl_exit say_refused(struct ctl_import *import, struct str error, size_t batch)
{
    struct json_member members[8];
    size_t count = 0;

    if (import->streams.is_live && import->sent > 0)
        fputc('\n', import->streams.err);
    if (json_scan_object(error, members, 8, &count) == ERR_NONE)
        print_bad_rows(import, json_find(members, count, STR("rows")));
    ctl_refusal_explain(error, import->streams.err);
    fprintf(import->streams.err,
            "The %zu rows before are imported; this batch of %zu and what is behind it are not.\n",
            import->sent, batch);
    return CTL_REFUSED;
}

static void count_batch(struct ctl_import *import, struct str result, size_t batch)
{
    struct json_member members[4];
    int64_t number;
    size_t count = 0;

    import->sent += batch;
    if (json_scan_object(result, members, 4, &count))
        return;
    if (json_to_i64(json_find(members, count, STR("imported")), &number))
        import->imported += (size_t)number;
    if (json_to_i64(json_find(members, count, STR("skipped")), &number))
        import->skipped += (size_t)number;
}

static enum ctl_exit send_all(struct ctl_import *import, struct ctl_channel *channel,
                              bool skips_existing)
{
    struct str rest = buf_str(&import->rows);
    struct buf request = BUF_EMPTY;
    enum ctl_exit result = CTL_OK;

    while (result == CTL_OK && rest.len > 0) {
        size_t batch = make_batch(&rest, skips_existing, &request);
        struct control_answer answer;

        if (ctl_channel_ask(channel, buf_str(&request), NULL, NULL, &answer)) {
            fprintf(import->streams.err,
                    "switchyard ctl: the server went away; %zu rows are imported for sure\n",
                    import->sent);
            result = CTL_UNREACHABLE;
        } else if (answer.kind == CONTROL_REFUSED) {
            result = say_refused(import, answer.body, batch);
        } else {
            count_batch(import, answer.body, batch);
            say_progress(import, rest.len == 0);
        }
    }
    buf_free(&request);
    return result;
}

enum ctl_exit ctl_import_run(struct ctl_import *import, struct ctl_channel *channel,
                             const struct ctl_line *line)
{
    enum ctl_exit result = send_all(import, channel, ctl_line_has(line, "skip-existing"));
    struct buf summary = BUF_EMPTY;
    struct json_out out = json_out_to(&summary);

    if (result == CTL_OK) {
        json_out_object(&out, NULL);
        json_out_int(&out, "imported", (int64_t)import->imported);
        json_out_int(&out, "skipped", (int64_t)import->skipped);
        json_out_end_object(&out);
        ctl_table_object(import->streams.out, buf_str(&summary), line->wants_json);
    }
    buf_free(&summary);
    return result;
}
