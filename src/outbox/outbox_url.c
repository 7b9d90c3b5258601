#include "outbox/outbox_url.h"

#include <curl/curl.h>
#include <string.h>

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(url, part, &text, 0) == CURLUE_OK && text[0] != '\0';

    curl_free(text);
    return has;
}

static bool has_scheme(CURLU *url, enum parcel_kind kind)
{
    static const char *const schemes[][2] = {
        [PARCEL_POST] = {"http", "https"},
        [PARCEL_MAIL] = {"smtp", "smtps"},
    };
    char *scheme = NULL;
    bool is_one = false;

    if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK)
        is_one = strcmp(scheme, schemes[kind][0]) == 0 || strcmp(scheme, schemes[kind][1]) == 0;
    curl_free(scheme);
    return is_one;
}

static const char *check_parts(CURLU *url, const char *text, enum parcel_kind kind)
{
    if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK || !has_scheme(url, kind))
        return kind == PARCEL_POST ? "an address like https://example.org/path"
                                   : "an address like smtps://mail.example.org:465";
    if (!has_part(url, CURLUPART_HOST))
        return "an address with a host";
    if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD))
        return "an address without credentials";
    if (has_part(url, CURLUPART_FRAGMENT))
        return "an address without a part behind #";
    return NULL;
}

const char *outbox_url_check(const char *text, enum parcel_kind kind)
{
    CURLU *url;
    const char *complaint;

    if (strlen(text) >= PARCEL_URL_CAP)
        return "an address of at most 1024 characters";
    for (const char *at = text; *at != '\0'; at++)
        if (*at <= ' ' || *at > '~')
            return "an address of ASCII without spaces";
    if ((url = curl_url()) == NULL)
        return "an address, for which there is no memory now";
    complaint = check_parts(url, text, kind);
    curl_url_cleanup(url);
    return complaint;
}
