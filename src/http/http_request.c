#include "http/http_request.h"

#include "http/http_framing.h"

/* What is left of the head, and how much of it was read. */
struct reader {
    struct str rest;
    size_t taken;
    size_t max; /* head bytes that may be taken in all */
};

struct line {
    struct str text; /* without its ending */
    bool has_cr;
};

/* One line, up to `max` bytes with its ending: BAD when it can't end within them. */
static enum http_parse take_line(struct reader *reader, size_t max, struct line *out)
{
    struct str within = str_sub(reader->rest, 0, max);
    size_t end = str_find(within, '\n');

    if (end == within.len)
        return within.len < max ? HTTP_PARSE_MORE : HTTP_PARSE_BAD;
    out->text = str_sub(within, 0, end);
    out->has_cr = end > 0 && within.ptr[end - 1] == '\r';
    if (out->has_cr)
        out->text.len--;
    reader->rest = str_sub(reader->rest, end + 1, reader->rest.len);
    reader->taken += end + 1;
    return HTTP_PARSE_DONE;
}

static enum http_parse refuse(unsigned *status, unsigned with)
{
    *status = with;
    return HTTP_PARSE_BAD;
}

static void skip_empty_lines(struct reader *reader)
{
    while (str_starts(reader->rest, STR("\r\n"))) {
        reader->rest = str_sub(reader->rest, 2, reader->rest.len);
        reader->taken += 2;
    }
}

/* What can't become a request is refused at once, say a TLS greeting on a plain port. */
static bool starts_wrong(struct str bytes)
{
    return bytes.len > 0 && !http_header_is_token(str_sub(bytes, 0, str_find(bytes, ' ')));
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* The version's three answers: 0, 400 or 505. A later minor version is answered as 1.1. */
static unsigned parse_version(struct str text, unsigned *minor)
{
    if (text.len != 8 || !str_starts(text, STR("HTTP/")) || text.ptr[6] != '.')
        return 400;
    if (!is_digit(text.ptr[5]) || !is_digit(text.ptr[7]))
        return 400;
    *minor = text.ptr[7] == '0' ? 0 : 1;
    return text.ptr[5] == '1' ? 0 : 505;
}

static bool is_known_method(struct str method)
{
    static const struct str known[] = {
        {"GET", 3},    {"POST", 4},  {"HEAD", 4},    {"PUT", 3},
        {"DELETE", 6}, {"PATCH", 5}, {"OPTIONS", 7}, {"TRACE", 5},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (str_eq(method, known[i]))
            return true;
    }
    return false;
}

/* Visible ASCII without a fragment. Characters that should be percent-encoded pass: they are seen,
 * and nothing here takes them for anything else. */
static bool is_target(struct str target)
{
    for (size_t i = 0; i < target.len; i++) {
        unsigned char byte = (unsigned char)target.ptr[i];

        if (byte <= ' ' || byte >= 0x7F || byte == '#')
            return false;
    }
    return target.len > 0;
}

/* Length of "scheme://authority" ahead of the path; 0 when there is none. */
static size_t origin_len(struct str target)
{
    size_t at;

    if (str_eq_nocase(str_sub(target, 0, 7), STR("http://")))
        at = 7;
    else if (str_eq_nocase(str_sub(target, 0, 8), STR("https://")))
        at = 8;
    else
        return 0;
    while (at < target.len && target.ptr[at] != '/' && target.ptr[at] != '?')
        at++;
    return at;
}

static unsigned parse_target(struct http_request *out)
{
    size_t origin = origin_len(out->target);
    struct str path = str_sub(out->target, origin, out->target.len);
    size_t mark = str_find(path, '?');

    if (!is_target(out->target))
        return 400;
    out->path = str_sub(path, 0, mark);
    out->query = str_sub(path, mark + 1, path.len);
    out->parameter = STR_EMPTY;
    if (out->path.len == 0 && origin > 0)
        out->path = STR("/");
    if (out->path.len > 0 && out->path.ptr[0] == '/')
        return 0;
    return str_eq(out->target, STR("*")) && str_eq(out->method, STR("OPTIONS")) ? 0 : 400;
}

static unsigned parse_request_line(struct line line, struct http_request *out)
{
    size_t first = str_find(line.text, ' ');
    struct str rest = str_sub(line.text, first + 1, line.text.len);
    size_t second = str_find(rest, ' ');
    unsigned status;

    if (!line.has_cr || first == line.text.len || second == rest.len)
        return 400;
    out->method = str_sub(line.text, 0, first);
    out->target = str_sub(rest, 0, second);
    if ((status = parse_version(str_sub(rest, second + 1, rest.len), &out->minor)))
        return status;
    return is_known_method(out->method) ? parse_target(out) : 501;
}

static enum http_parse take_request_line(struct reader *reader, const struct http_limits *limits,
                                         struct http_request *out, unsigned *status)
{
    size_t room = reader->max - reader->taken;
    bool is_line_limit = room > limits->max_line_bytes + 2; /* the line and its CRLF */
    size_t max = is_line_limit ? limits->max_line_bytes + 2 : room;
    struct line line;

    if (str_eq(reader->rest, STR("\r"))) /* the start of an empty line, so far */
        return HTTP_PARSE_MORE;
    if (starts_wrong(str_sub(reader->rest, 0, max)))
        return refuse(status, 400);
    switch (take_line(reader, max, &line)) {
    case HTTP_PARSE_MORE:
        return HTTP_PARSE_MORE;
    case HTTP_PARSE_BAD:
        return refuse(status, is_line_limit ? 414 : 431);
    case HTTP_PARSE_DONE:
        break;
    }
    *status = parse_request_line(line, out);
    return *status == 0 ? HTTP_PARSE_DONE : HTTP_PARSE_BAD;
}

/* DONE at the empty line, which, unlike a header line, must end in CRLF. */
static enum http_parse take_headers(struct reader *reader, struct http_request *out,
                                    unsigned *status)
{
    struct line line;

    for (out->header_count = 0;;) {
        enum http_parse parse = take_line(reader, reader->max - reader->taken, &line);

        if (parse == HTTP_PARSE_MORE)
            return HTTP_PARSE_MORE;
        if (parse == HTTP_PARSE_BAD)
            return refuse(status, 431);
        if (line.text.len == 0)
            return line.has_cr ? HTTP_PARSE_DONE : refuse(status, 400);
        if (out->header_count == HTTP_MAX_HEADERS)
            return refuse(status, 431);
        if (!http_header_parse(line.text, &out->headers[out->header_count++]))
            return refuse(status, 400);
    }
}

enum http_parse http_request_parse(struct str bytes, const struct http_limits *limits,
                                   struct http_request *out, size_t *head_bytes, unsigned *status)
{
    struct reader reader = {bytes, 0, limits->max_head_bytes};
    enum http_parse parse;

    skip_empty_lines(&reader);
    if (reader.taken >= reader.max)
        return refuse(status, 431);
    if ((parse = take_request_line(&reader, limits, out, status)) != HTTP_PARSE_DONE)
        return parse;
    if ((parse = take_headers(&reader, out, status)) != HTTP_PARSE_DONE)
        return parse;
    if ((*status = http_framing_decide(out, limits)) != 0)
        return HTTP_PARSE_BAD;
    *head_bytes = reader.taken;
    return HTTP_PARSE_DONE;
}

struct str http_request_header(const struct http_request *request, struct str name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (str_eq_nocase(request->headers[i].name, name))
            return request->headers[i].value;
    }
    return STR_EMPTY;
}
