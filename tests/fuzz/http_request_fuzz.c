#include "http/http_chunked.h"
#include "http/http_request.h"

#include "fuzz.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const struct http_limits limits = {
    .max_head_bytes = 1024, .max_line_bytes = 256, .max_body_bytes = 512};

static bool is_within(struct str part, struct str whole)
{
    return part.len == 0 || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len);
}

static void check_request(const struct http_request *request, struct str head)
{
    assert(request->minor <= 1 && request->header_count <= HTTP_MAX_HEADERS);
    assert(request->path.len > 0 && request->body_bytes <= limits.max_body_bytes);
    assert(is_within(request->method, head) && is_within(request->target, head));
    assert(is_within(request->query, head));
    for (size_t i = 0; i < request->header_count; i++) {
        assert(is_within(request->headers[i].name, head) && request->headers[i].name.len > 0);
        assert(is_within(request->headers[i].value, head));
    }
}

/* The part must either wait or say what the whole says. */
static void check_split(struct str part, enum http_parse whole, unsigned whole_status)
{
    struct http_request request;
    size_t head_bytes = 0;
    unsigned status = 0;
    enum http_parse parse = http_request_parse(part, &limits, &request, &head_bytes, &status);

    assert(parse == HTTP_PARSE_MORE || parse == whole);
    assert(parse != HTTP_PARSE_BAD || status == whole_status);
}

static void check_chunked(const uint8_t *bytes, size_t size, size_t split)
{
    struct http_chunked whole = {0};
    struct http_chunked steps = {0};
    unsigned status = 0;
    unsigned steps_status = 0;
    char *data = malloc(size + 1);
    enum http_parse parse;
    enum http_parse part;

    memcpy(data, bytes, size);
    part =
        http_chunked_scan(&steps, (struct str){data, split}, limits.max_body_bytes, &steps_status);
    if (part == HTTP_PARSE_MORE)
        part = http_chunked_scan(&steps, (struct str){data, size}, limits.max_body_bytes,
                                 &steps_status);
    parse = http_chunked_scan(&whole, (struct str){data, size}, limits.max_body_bytes, &status);
    assert(part == parse && (parse != HTTP_PARSE_BAD || status == steps_status));
    assert(memcmp(data, bytes, size) == 0);
    if (parse == HTTP_PARSE_DONE) {
        assert(steps.at == whole.at && whole.at <= size && whole.at >= whole.body_bytes + 5);
        assert(whole.body_bytes <= limits.max_body_bytes);
        assert(http_chunked_join(data, &whole).len == whole.body_bytes);
    }
    free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_request request;
    size_t head_bytes = 0;
    unsigned status = 0;
    size_t split = size == 0 ? 0 : data[size - 1] % size;
    struct str bytes = {(const char *)data, size};
    enum http_parse parse = http_request_parse(bytes, &limits, &request, &head_bytes, &status);

    if (parse == HTTP_PARSE_DONE) {
        assert(head_bytes <= size && head_bytes <= limits.max_head_bytes);
        check_request(&request, str_sub(bytes, 0, head_bytes));
    }
    assert(parse != HTTP_PARSE_BAD || (status >= 400 && status <= 505));
    assert(parse != HTTP_PARSE_MORE || size < limits.max_head_bytes);
    check_split(str_sub(bytes, 0, split), parse, status);
    if (parse == HTTP_PARSE_DONE && request.body_kind == HTTP_BODY_CHUNKED)
        check_chunked(data + head_bytes, size - head_bytes,
                      split < size - head_bytes ? split : size - head_bytes);
    return 0;
}
