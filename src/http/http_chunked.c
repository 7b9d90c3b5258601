#include "http/http_chunked.h"

#include "base/hex.h"

#include <assert.h>
#include <string.h>

static enum http_parse refuse(unsigned *status, unsigned with)
{
    *status = with;
    return HTTP_PARSE_BAD;
}

/* A line that ends in CRLF; *line_bytes counts that too. */
static enum http_parse find_line(struct str bytes, struct str *line, size_t *line_bytes)
{
    struct str within = str_sub(bytes, 0, HTTP_CHUNKED_MAX_LINE);
    size_t end = str_find(within, '\n');

    if (end == within.len)
        return within.len < HTTP_CHUNKED_MAX_LINE ? HTTP_PARSE_MORE : HTTP_PARSE_BAD;
    if (end == 0 || within.ptr[end - 1] != '\r')
        return HTTP_PARSE_BAD;
    *line = str_sub(within, 0, end - 1);
    *line_bytes = end + 1;
    return HTTP_PARSE_DONE;
}

/* Extensions are not understood here, only kept from holding what ends lines elsewhere. */
static bool is_extension(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];

        if ((byte < ' ' && byte != '\t') || byte == 0x7F)
            return false;
    }
    text = str_trim(text);
    return text.len == 0 || text.ptr[0] == ';';
}

/* 0, or a status: "1f", perhaps with ";extension". White space alone behind the size is refused. */
static unsigned parse_size(struct str line, size_t max, size_t *out)
{
    size_t size = 0;
    size_t i = 0;

    while (i < line.len && hex_digit(line.ptr[i]) >= 0) {
        if (size > SIZE_MAX >> 4)
            return 413;
        size = size << 4 | (size_t)hex_digit(line.ptr[i++]);
    }
    if (i == 0 || !is_extension(str_sub(line, i, line.len)))
        return 400;
    if (i < line.len && str_trim(str_sub(line, i, line.len)).len == 0)
        return 400;
    *out = size;
    return size > max ? 413 : 0;
}

/* The chunk at chunked->at; DONE means it was all there and is passed. */
static enum http_parse scan_chunk(struct http_chunked *chunked, struct str bytes, size_t max,
                                  unsigned *status)
{
    struct str rest = str_sub(bytes, chunked->at, bytes.len);
    struct str line = STR_EMPTY;
    size_t line_bytes = 0;
    size_t size = 0;
    enum http_parse parse = find_line(rest, &line, &line_bytes);

    if (parse != HTTP_PARSE_DONE)
        return parse == HTTP_PARSE_MORE ? parse : refuse(status, 400);
    if ((*status = parse_size(line, max - chunked->body_bytes, &size)) != 0)
        return HTTP_PARSE_BAD;
    rest = str_sub(rest, line_bytes, rest.len);
    if (size == 0) {
        chunked->in_trailer = true;
        chunked->at += line_bytes;
        return HTTP_PARSE_DONE;
    }
    rest = str_sub(rest, size, rest.len);
    if (rest.len > 0 && !str_starts(STR("\r\n"), str_sub(rest, 0, 2)))
        return refuse(status, 400);
    if (rest.len < 2)
        return HTTP_PARSE_MORE;
    chunked->at += line_bytes + size + 2;
    chunked->body_bytes += size;
    return HTTP_PARSE_DONE;
}

/* One trailer line; DONE with *is_last at the empty line. */
static enum http_parse scan_trailer(struct http_chunked *chunked, struct str bytes, bool *is_last,
                                    unsigned *status)
{
    struct str line = STR_EMPTY;
    size_t line_bytes = 0;
    struct http_header ignored;
    enum http_parse parse = find_line(str_sub(bytes, chunked->at, bytes.len), &line, &line_bytes);

    if (parse != HTTP_PARSE_DONE)
        return parse == HTTP_PARSE_MORE ? parse : refuse(status, 400);
    *is_last = line.len == 0;
    if (!*is_last && !http_header_parse(line, &ignored))
        return refuse(status, 400);
    chunked->at += line_bytes;
    return HTTP_PARSE_DONE;
}

enum http_parse http_chunked_scan(struct http_chunked *chunked, struct str bytes,
                                  size_t max_body_bytes, unsigned *status)
{
    bool is_last = false;

    while (!is_last) {
        enum http_parse parse = chunked->in_trailer
                                    ? scan_trailer(chunked, bytes, &is_last, status)
                                    : scan_chunk(chunked, bytes, max_body_bytes, status);

        if (parse != HTTP_PARSE_DONE)
            return parse;
        if (chunked->at - chunked->body_bytes > HTTP_CHUNKED_MAX_FRAMING)
            return refuse(status, 413);
    }
    return HTTP_PARSE_DONE;
}

struct str http_chunked_join(char *data, const struct http_chunked *chunked)
{
    size_t from = 0;
    size_t len = 0;

    while (len < chunked->body_bytes) {
        struct str line = STR_EMPTY;
        size_t line_bytes = 0;
        size_t size = 0;

        enum http_parse parse =
            find_line((struct str){data + from, chunked->at - from}, &line, &line_bytes);
        unsigned status = parse_size(line, chunked->body_bytes - len, &size);

        assert(parse == HTTP_PARSE_DONE && status == 0);
        memmove(data + len, data + from + line_bytes, size);
        from += line_bytes + size + 2;
        len += size;
    }
    return (struct str){data, len};
}
