#include "api/api_oauth_page.h"

#include "api/api_private.h"
#include "base/crypto.h"
#include "base/hex.h"
#include "http/html.h"

#include <stdio.h>
#include <string.h>

enum { HASH_CAP = (CRYPTO_SHA256_BYTES + 2) / 3 * 4 + 1 };

#define COOKIE_NAME "__Host-switchyard-login"

static const char CSS[] =
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f3f4f6;color:#1f2430}"
    "main{max-width:22rem;margin:12vh auto 0;padding:2rem;background:#fff;border-radius:.75rem;"
    "box-shadow:0 1px 4px #0003}"
    "h1{font-size:1.3rem;margin:0 0 1.2rem}label{display:block;margin:0 0 1rem}"
    "input{box-sizing:border-box;width:100%;font:inherit;padding:.5rem;margin-top:.25rem;"
    "border:1px solid #9aa1ad;border-radius:.4rem}"
    "button{font:inherit;width:100%;padding:.6rem;border:0;border-radius:.4rem;background:#1d5fbf;"
    "color:#fff}p{margin:0 0 1rem}.why{color:#a3201c}"
    "@media(prefers-color-scheme:dark){body{background:#15181e;color:#e6e8ec}"
    "main{background:#20242c}input{background:#15181e;color:inherit}.why{color:#ff9d97}}";

static void append(struct buf *out, const char *text)
{
    buf_append(out, str_of(text));
}

static void begin_page(struct buf *out, const char *title)
{
    append(out, "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>");
    append(out, title);
    append(out, "</title><meta name=\"viewport\" content=\"width=device-width\"><style>");
    append(out, CSS);
    append(out, "</style></head><body><main><h1>");
    append(out, title);
    append(out, "</h1>");
}

static void end_page(struct buf *out)
{
    append(out, "</main></body></html>\n");
}

/* Where a form may lead: here, and from here to the app. Of a URL that oauth_is_url() agrees to,
 * the origin has nothing in it that would end a directive. */
static void append_form_action(struct buf *out, struct str url)
{
    size_t end = str_find(url, ':');
    bool is_web = str_starts(url, STR("https://")) || str_starts(url, STR("http://"));

    append(out, "; form-action 'self'");
    if (url.len == 0)
        return;
    buf_append_byte(out, ' ');
    if (!is_web) {
        buf_append(out, str_sub(url, 0, end + 1));
        return;
    }
    for (end += 3; end < url.len && strchr("/?", url.ptr[end]) == NULL; end++)
        continue;
    buf_append(out, str_sub(url, 0, end));
}

static void append_policy(struct buf *out, struct str url)
{
    uint8_t hash[CRYPTO_SHA256_BYTES];
    char text[HASH_CAP];

    crypto_sha256(str_of(CSS), hash);
    crypto_base64(hash, sizeof hash, text, sizeof text);
    append(out,
           "Content-Security-Policy: default-src 'none'; base-uri 'none'; frame-ancestors "
           "'none'; style-src 'sha256-");
    append(out, text);
    append(out, "'");
    append_form_action(out, url);
    append(out,
           "\r\nX-Frame-Options: DENY\r\nX-Content-Type-Options: nosniff\r\n"
           "Referrer-Policy: no-referrer\r\nCache-Control: no-store\r\n");
}

/* The answer's body is call->out. */
static void respond(struct api_call *call, unsigned status, struct buf *headers)
{
    const struct http_response response = {
        .status = status,
        .content_type = STR("text/html; charset=utf-8"),
        .body = buf_str(&call->out),
        .headers = buf_str(headers),
    };

    api_call_respond(call, &response);
    buf_free(headers);
}

static void append_hidden(struct buf *out, const char *name, struct str value)
{
    append(out, "<input type=\"hidden\" name=\"");
    append(out, name);
    append(out, "\" value=\"");
    html_append_text(out, value);
    append(out, "\">");
}

static void append_form(struct buf *out, const struct oauth_page *page, const char *seal)
{
    const struct oauth_request *request = &page->request;
    char made[24];

    snprintf(made, sizeof made, "%lld", (long long)page->made_ms);
    append(out, "<form method=\"post\" action=\"/oauth/login\">");
    append_hidden(out, "clientId", request->appid);
    append_hidden(out, "redirectUrl", request->url);
    append_hidden(out, "state", request->state);
    append_hidden(out, "made", str_of(made));
    append_hidden(out, "seal", str_of(seal));
    append(out,
           "<label>E-mail address or phone number<input name=\"account\" required autofocus "
           "autocomplete=\"username\"></label><label>Password<input name=\"password\" "
           "type=\"password\" required autocomplete=\"current-password\"></label>"
           "<button>Log in</button></form>");
}

void api_oauth_page_show(struct api_call *call, const struct oauth_page *page, const char *app_name,
                         unsigned status, const char *message)
{
    struct buf headers = BUF_EMPTY;
    char seal[OAUTH_SEAL_CAP];

    oauth_seal(call->api->config.oauth, page, seal);
    append_policy(&headers, page->request.url);
    append(&headers, "Set-Cookie: " COOKIE_NAME "=");
    buf_append(&headers, page->cookie);
    append(&headers, "; Path=/; Secure; HttpOnly; SameSite=Lax\r\n");
    begin_page(&call->out, "Log in");
    append(&call->out, "<p>");
    html_append_text(&call->out, str_of(app_name));
    append(&call->out, " asks to use your devices.</p>");
    if (message != NULL) {
        append(&call->out, "<p class=\"why\" role=\"alert\">");
        append(&call->out, message);
        append(&call->out, "</p>");
    }
    append_form(&call->out, page, seal);
    end_page(&call->out);
    respond(call, status, &headers);
}

void api_oauth_page_refuse(struct api_call *call, unsigned status, const char *message)
{
    struct buf headers = BUF_EMPTY;

    append_policy(&headers, STR(""));
    begin_page(&call->out, "No login");
    append(&call->out, "<p class=\"why\">");
    append(&call->out, message);
    append(&call->out, "</p>");
    end_page(&call->out);
    respond(call, status, &headers);
}

static void append_parameter(struct buf *out, char separator, const char *name, struct str value)
{
    buf_append_byte(out, separator);
    append(out, name);
    buf_append_byte(out, '=');
    html_append_query(out, value);
}

/* 303: the browser asks with GET, and its form is not sent along. */
void api_oauth_page_send_back(struct api_call *call, const struct oauth_request *request,
                              const char *code, struct str region)
{
    struct buf headers = BUF_EMPTY;
    bool has_query = str_find(request->url, '?') < request->url.len;

    append_policy(&headers, request->url);
    append(&headers, "Location: ");
    buf_append(&headers, request->url);
    append_parameter(&headers, has_query ? '&' : '?', "code", str_of(code));
    append_parameter(&headers, '&', "region", region);
    append_parameter(&headers, '&', "state", request->state);
    append(&headers, "\r\n");
    respond(call, 303, &headers);
}

struct str api_oauth_page_cookie(const struct api_call *call)
{
    struct str rest = call->cookie;
    struct str pair;
    uint8_t bytes[API_OAUTH_PAGE_COOKIE_BYTES];

    while (rest.len > 0 && str_split(&rest, ';', &pair)) {
        struct str name;

        pair = str_trim(pair);
        if (str_split(&pair, '=', &name) && str_eq(name, STR(COOKIE_NAME)) &&
            hex_parse(pair, bytes, sizeof bytes))
            return pair;
    }
    return STR_EMPTY;
}
