#include "ctl/ctl_csv.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct ctl_csv csv;
    struct ctl_csv_row row;
    enum ctl_csv_answer answer;
    size_t last_line = 0;

    if (size > 0)
        memcpy(text, data, size);
    csv = ctl_csv_of(text, size);
    while ((answer = ctl_csv_next(&csv, &row)) == CTL_CSV_ROW) {
        assert(row.count >= 1 && row.count <= CTL_CSV_COLUMNS && row.problem == NULL);
        assert(row.line > last_line && row.line <= csv.line && csv.at <= size);
        last_line = row.line;
        for (size_t i = 0; i < row.count; i++)
            assert(row.fields[i].ptr >= text && row.fields[i].len <= size &&
                   row.fields[i].ptr + row.fields[i].len <= text + size);
    }
    assert((answer == CTL_CSV_BAD) == (row.problem != NULL));
    free(text);
    return 0;
}
