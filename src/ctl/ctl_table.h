/*
 * ctl_table - rows of the server as a table with aligned columns, or as a JSON array; and one
 * result as lines of "name  value", or as a JSON object.
 *
 * The first row's members are the columns. A long table is written in blocks of CTL_TABLE_BLOCK
 * rows, whose columns only ever grow, so that its length needs no memory. One thread.
 */
#pragma once

#include "base/str.h"

#include <stdbool.h>
#include <stdio.h>

enum { CTL_TABLE_BLOCK = 1000, CTL_TABLE_COLUMNS = 24 };

struct ctl_table;

/* file is borrowed. */
struct ctl_table *ctl_table_new(FILE *file, bool as_json);
void ctl_table_row(struct ctl_table *table, struct str object);
/* Writes what is left, and in JSON the array's end (also of an empty one); frees the table. */
void ctl_table_finish(struct ctl_table *table);

void ctl_table_object(FILE *file, struct str object, bool as_json);
