#include "http/http_framing.h"

/* How often the headers came that may come only once, and what they said. */
struct seen {
    unsigned hosts;
    unsigned lengths;
    bool is_coded;   /* there is a Transfer-Encoding */
    bool is_chunked; /* the last coding so far */
    bool upgrades;   /* Connection: upgrade */
    bool websocket;  /* Upgrade: websocket */
};

/* reg-name, IP literal and port, RFC 3986 section 3.2; the peer may call us what it likes. */
static bool is_host(struct str text)
{
    const struct str never = STR("\"#/<>?@\\^`{|}");

    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];

        if (byte <= ' ' || byte >= 0x7F || str_find(never, text.ptr[i]) < never.len)
            return false;
    }
    return true;
}

static unsigned take_host(struct seen *seen, struct str value)
{
    return seen->hosts++ == 0 && is_host(value) ? 0 : 400;
}

static bool is_digits(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    }
    return text.len > 0;
}

static unsigned take_length(struct seen *seen, struct str value, struct http_request *request)
{
    if (seen->lengths++ > 0 || !is_digits(value))
        return 400;
    request->body_kind = HTTP_BODY_LENGTH;
    return str_to_u64(value, &request->body_bytes) ? 0 : 413;
}

/* "chunked" must be the last coding and stand once; no other coding is known here. */
static unsigned take_coding(struct seen *seen, struct str value)
{
    struct str rest = value;
    struct str head;
    bool is_known = true;

    if (value.len == 0 || value.ptr[value.len - 1] == ',')
        return 400;
    seen->is_coded = true;
    while (str_split(&rest, ',', &head)) {
        head = str_trim(head);
        if (seen->is_chunked || head.len == 0)
            return 400;
        seen->is_chunked = str_eq_nocase(head, STR("chunked"));
        is_known = is_known && seen->is_chunked;
    }
    return is_known ? 0 : 501;
}

static void take_connection(struct seen *seen, struct str value, struct http_request *request)
{
    if (http_header_has_item(value, STR("close")))
        request->keep_alive = false;
    else if (request->minor == 0 && http_header_has_item(value, STR("keep-alive")))
        request->keep_alive = true;
    if (http_header_has_item(value, STR("upgrade")))
        seen->upgrades = true;
}

static unsigned take_expect(struct str value, struct http_request *request)
{
    if (!str_eq_nocase(value, STR("100-continue")))
        return 417;
    request->expects_continue = request->minor > 0;
    return 0;
}

static unsigned take_header(struct seen *seen, const struct http_header *header,
                            struct http_request *request)
{
    if (str_eq_nocase(header->name, STR("host")))
        return take_host(seen, header->value);
    if (str_eq_nocase(header->name, STR("content-length")))
        return take_length(seen, header->value, request);
    if (str_eq_nocase(header->name, STR("transfer-encoding")))
        return take_coding(seen, header->value);
    if (str_eq_nocase(header->name, STR("expect")))
        return take_expect(header->value, request);
    if (str_eq_nocase(header->name, STR("connection")))
        take_connection(seen, header->value, request);
    else if (str_eq_nocase(header->name, STR("upgrade")))
        seen->websocket |= http_header_has_item(header->value, STR("websocket"));
    return 0;
}

/* A body is announced whose end nothing tells: by expectation, or as HTTP/1.0 had it (RFC 1945). */
static bool lacks_length(const struct http_request *request)
{
    if (request->body_kind != HTTP_BODY_NONE)
        return false;
    return request->expects_continue ||
           (request->minor == 0 &&
            (str_eq(request->method, STR("POST")) || str_eq(request->method, STR("PUT"))));
}

unsigned http_framing_decide(struct http_request *request, const struct http_limits *limits)
{
    struct seen seen = {0};
    unsigned status;

    request->body_kind = HTTP_BODY_NONE;
    request->body_bytes = 0;
    request->keep_alive = request->minor > 0;
    request->expects_continue = false;
    for (size_t i = 0; i < request->header_count; i++) {
        if ((status = take_header(&seen, &request->headers[i], request)))
            return status;
    }
    if (request->minor > 0 && seen.hosts == 0)
        return 400;
    /* Both lengths, or a coding from before codings: the classic ways to smuggle a request. */
    if (seen.is_coded && (seen.lengths > 0 || request->minor == 0))
        return 400;
    if (seen.is_coded)
        request->body_kind = HTTP_BODY_CHUNKED;
    if (lacks_length(request))
        return 411;
    if (request->body_bytes > limits->max_body_bytes)
        return 413;
    request->is_upgrade = request->minor > 0 && seen.upgrades && seen.websocket;
    return 0;
}
