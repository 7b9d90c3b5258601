#include "http/http_response.h"

#include "http/http_status.h"

#include <assert.h>

static void append_header(struct buf *out, struct str name, struct str value)
{
    if (value.len == 0)
        return;
    buf_append(out, name);
    buf_append(out, value);
    buf_append(out, STR("\r\n"));
}

bool http_response_has_body(unsigned status)
{
    return status >= 200 && status != 204 && status != 304;
}

static void append_content(struct buf *out, const struct http_response *response)
{
    struct str type = response->content_type;

    append_header(out, STR("Content-Type: "), type.len > 0 ? type : STR("application/json"));
    buf_append(out, STR("Content-Length: "));
    buf_append_int(out, (int64_t)response->body.len);
    buf_append(out, STR("\r\n"));
}

void http_response_format(struct buf *out, const struct http_response *response,
                          const struct http_envelope *envelope)
{
    size_t start = out->len;

    assert(response->status >= 100 && response->status <= 599);
    assert(response->headers.len == 0 || response->headers.ptr[response->headers.len - 1] == '\n');
    buf_append(out, STR("HTTP/1.1 "));
    buf_append_int(out, response->status);
    append_header(out, STR(" "), str_of(http_status_text(response->status)));
    append_header(out, STR("Server: "), envelope->server_name);
    append_header(out, STR("Date: "), envelope->date);
    if (http_response_has_body(response->status))
        append_content(out, response);
    append_header(out, STR("Connection: "), envelope->connection);
    buf_append(out, response->headers);
    buf_append(out, STR("\r\n"));
    assert(str_find(str_sub(buf_str(out), start, out->len), '{') == out->len - start);
}
