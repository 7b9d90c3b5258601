/* log: a quoted value reads back from a JSON line; a raw one still leaves one line of JSON. */
#include "base/log.h"

#include "base/json.h"
#include "base/utf8.h"

#include "fuzz.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MEMBERS = 4 + LOG_BODY_CAP / 2, LINE_CAP = 8 * LOG_BODY_CAP };

/* Logs "value=" and the text; the one line that came of it, without its end. */
static struct str logged(const char *text, enum log_form form, char line[LINE_CAP])
{
    int fd = memfd_create("log", 0);
    struct log *log = log_new(fd, LOG_INFO, form, 0);
    ssize_t len;

    log_info(log, "fuzz", "value=%s", text);
    log_free(log);
    len = pread(fd, line, LINE_CAP, 0);
    close(fd);
    assert(len > 0 && len < LINE_CAP && line[len - 1] == '\n');
    assert(memchr(line, '\n', (size_t)len - 1) == NULL);
    return (struct str){line, (size_t)len - 1};
}

static struct json_value value_in(struct str line)
{
    static const struct str key = {"value", 5};
    struct json_member members[MEMBERS];
    size_t count;

    assert(json_scan_object(line, members, MEMBERS, &count) == ERR_NONE);
    return json_find(members, count, key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct str text = {(const char *)data, size};
    char quoted[LOG_BODY_CAP - 16];
    char back[LOG_BODY_CAP];
    char line[LINE_CAP];
    bool is_whole = size * 6 + 3 <= sizeof quoted;
    bool has_nul = size > 0 && memchr(data, 0, size) != NULL;

    log_quote(text, quoted, sizeof quoted);
    logged(quoted, LOG_TEXT, line);
    if (!has_nul) {
        assert(json_to_text(value_in(logged(quoted, LOG_JSON, line)), back, sizeof back));
        if (is_whole && utf8_is_valid(text.ptr, size))
            assert(str_eq(str_of(back), text));
    }
    if (size < sizeof quoted) {
        char raw[sizeof quoted];

        str_copy(text, raw, sizeof raw);
        logged(raw, LOG_TEXT, line);
        assert(value_in(logged(raw, LOG_JSON, line)).kind == JSON_STRING);
    }
    return 0;
}
