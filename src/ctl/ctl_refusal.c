#include "ctl/ctl_refusal.h"

#include "base/buf.h"
#include "base/json.h"
#include "ctl/ctl_cell.h"

enum { MAX_MEMBERS = 8 };

static void print(FILE *file, const char *before, struct json_value value)
{
    struct buf text = BUF_EMPTY;

    ctl_cell_format(STR_EMPTY, value, &text);
    fprintf(file, "%s" STR_FMT "\n", before, STR_ARG(buf_str(&text)));
    buf_free(&text);
}

void ctl_refusal_explain(struct str error, FILE *file)
{
    struct json_member members[MAX_MEMBERS];
    struct json_value hint;
    size_t count = 0;

    if (json_scan_object(error, members, MAX_MEMBERS, &count)) {
        fputs("switchyard ctl: the server refused and did not say why\n", file);
        return;
    }
    print(file, "switchyard ctl: ", json_find(members, count, STR("text")));
    hint = json_find(members, count, STR("hint"));
    if (hint.kind != JSON_NONE)
        print(file, "  ", hint);
}
