#include "http/http_reply.h"

#include <string.h>

/* Offset behind the empty line that ends the head, or 0 when it has not come. */
static size_t head_end(struct str bytes)
{
    const char *end = memmem(bytes.ptr, bytes.len, "\r\n\r\n", 4);

    return end == NULL ? 0 : (size_t)(end - bytes.ptr) + 4;
}

static bool parse_status(struct str line, unsigned *out)
{
    struct str version;
    struct str code;
    uint64_t status;

    if (!str_split(&line, ' ', &version) || !str_starts(version, STR("HTTP/1.")) ||
        !str_split(&line, ' ', &code) || code.len != 3 || !str_to_u64(code, &status))
        return false;
    *out = (unsigned)status;
    return true;
}

static bool find_length(struct str head, uint64_t *out)
{
    struct str line;
    struct str name;

    while (str_split(&head, '\n', &line))
        if (str_split(&line, ':', &name) && str_eq_nocase(name, STR("Content-Length")))
            return str_to_u64(str_trim(line), out);
    return false;
}

enum http_parse http_reply_parse(struct str bytes, size_t max_bytes, struct http_reply *out)
{
    size_t head_bytes = bytes.len == 0 ? 0 : head_end(bytes);
    struct str head = str_sub(bytes, 0, head_bytes);
    struct str line;
    uint64_t body_bytes;
    unsigned status;

    if (head_bytes == 0)
        return bytes.len >= max_bytes ? HTTP_PARSE_BAD : HTTP_PARSE_MORE;
    if (!str_split(&head, '\n', &line) || !parse_status(line, &status) ||
        !find_length(head, &body_bytes))
        return HTTP_PARSE_BAD;
    if (head_bytes > max_bytes || body_bytes > max_bytes - head_bytes)
        return HTTP_PARSE_BAD;
    if (bytes.len - head_bytes < body_bytes)
        return HTTP_PARSE_MORE;
    out->status = status;
    out->body = str_sub(bytes, head_bytes, (size_t)body_bytes);
    out->taken_bytes = head_bytes + (size_t)body_bytes;
    return HTTP_PARSE_DONE;
}
