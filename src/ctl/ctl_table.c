#include "ctl/ctl_table.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "ctl/ctl_cell.h"

#include <stdlib.h>

enum { GAP = 2 };

struct ctl_table {
    FILE *file;
    bool as_json;
    size_t rows; /* all */
    struct buf names[CTL_TABLE_COLUMNS];
    size_t widths[CTL_TABLE_COLUMNS];
    size_t columns;
    /* Of this block: the texts of all cells one behind the other, and where each ends. */
    struct buf cells;
    size_t ends[CTL_TABLE_BLOCK * CTL_TABLE_COLUMNS];
    size_t waiting; /* rows */
    bool has_header;
};

struct ctl_table *ctl_table_new(FILE *file, bool as_json)
{
    struct ctl_table *table = alloc_zero(sizeof *table);

    table->file = file;
    table->as_json = as_json;
    return table;
}

static void put(FILE *file, struct str text)
{
    if (text.len > 0)
        fwrite(text.ptr, 1, text.len, file);
}

static void put_padded(FILE *file, struct str text, size_t width)
{
    put(file, text);
    for (size_t have = ctl_cell_width(text); have < width; have++)
        fputc(' ', file);
}

static size_t widest(struct str key, size_t width)
{
    struct buf label = BUF_EMPTY;
    size_t own;

    ctl_cell_label(key, &label);
    own = ctl_cell_width(buf_str(&label));
    buf_free(&label);
    return own > width ? own : width;
}

static void raise_case(struct buf *label)
{
    for (size_t at = 0; at < label->len; at++)
        if (label->ptr[at] >= 'a' && label->ptr[at] <= 'z')
            label->ptr[at] = (char)(label->ptr[at] - 'a' + 'A');
}

static void put_header(struct ctl_table *table)
{
    for (size_t i = 0; i < table->columns; i++) {
        struct buf label = BUF_EMPTY;
        bool is_last = i + 1 == table->columns;

        ctl_cell_label(buf_str(&table->names[i]), &label);
        raise_case(&label);
        put_padded(table->file, buf_str(&label), is_last ? 0 : table->widths[i] + GAP);
        buf_free(&label);
    }
    fputc('\n', table->file);
}

static void flush_block(struct ctl_table *table)
{
    struct str cells = buf_str(&table->cells);
    size_t begin = 0;
    size_t cell = 0;

    if (!table->has_header && table->columns > 0)
        put_header(table);
    table->has_header = true;
    for (size_t row = 0; row < table->waiting; row++) {
        for (size_t i = 0; i < table->columns; i++, cell++) {
            bool is_last = i + 1 == table->columns;
            struct str text = str_sub(cells, begin, table->ends[cell] - begin);

            put_padded(table->file, text, is_last ? 0 : table->widths[i] + GAP);
            begin = table->ends[cell];
        }
        fputc('\n', table->file);
    }
    table->waiting = 0;
    buf_clear(&table->cells);
}

static void learn_columns(struct ctl_table *table, const struct json_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_append(&table->names[i], members[i].key);
        table->widths[i] = widest(members[i].key, 0);
    }
    table->columns = count;
}

static void add_row(struct ctl_table *table, const struct json_member *members, size_t count)
{
    for (size_t i = 0; i < table->columns; i++) {
        struct str name = buf_str(&table->names[i]);
        size_t begin = table->cells.len;
        size_t width;

        ctl_cell_format(name, json_find(members, count, name), &table->cells);
        table->ends[table->waiting * table->columns + i] = table->cells.len;
        width = ctl_cell_width(str_sub(buf_str(&table->cells), begin, table->cells.len));
        if (width > table->widths[i])
            table->widths[i] = width;
    }
    table->waiting++;
}

void ctl_table_row(struct ctl_table *table, struct str object)
{
    struct json_member members[CTL_TABLE_COLUMNS];
    size_t count;

    if (table->as_json) {
        fputs(table->rows++ == 0 ? "[\n" : ",\n", table->file);
        put(table->file, object);
        return;
    }
    if (json_scan_object(object, members, CTL_TABLE_COLUMNS, &count))
        return;
    if (table->rows++ == 0)
        learn_columns(table, members, count);
    add_row(table, members, count);
    if (table->waiting == CTL_TABLE_BLOCK)
        flush_block(table);
}

void ctl_table_finish(struct ctl_table *table)
{
    if (table->as_json)
        fputs(table->rows == 0 ? "[]\n" : "\n]\n", table->file);
    else
        flush_block(table);
    for (size_t i = 0; i < table->columns; i++)
        buf_free(&table->names[i]);
    buf_free(&table->cells);
    free(table);
}

static void put_member(FILE *file, const struct json_member *member, size_t width)
{
    struct buf label = BUF_EMPTY;
    struct buf value = BUF_EMPTY;

    ctl_cell_label(member->key, &label);
    ctl_cell_format(member->key, member->value, &value);
    put_padded(file, buf_str(&label), width + GAP);
    put(file, buf_str(&value));
    fputc('\n', file);
    buf_free(&label);
    buf_free(&value);
}

void ctl_table_object(FILE *file, struct str object, bool as_json)
{
    struct json_member members[CTL_TABLE_COLUMNS];
    size_t count = 0;
    size_t width = 0;

    if (as_json || json_scan_object(object, members, CTL_TABLE_COLUMNS, &count)) {
        put(file, object);
        fputc('\n', file);
        return;
    }
    for (size_t i = 0; i < count; i++)
        width = widest(members[i].key, width);
    for (size_t i = 0; i < count; i++)
        put_member(file, &members[i], width);
}
