#include "outbox/transfer.h"

#include "base/alloc.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX = 64 * 1024 }; /* bytes of an answer that nobody reads */

static size_t on_answer(char *ptr, size_t size, size_t count, void *ctx)
{
    struct transfer *transfer = ctx;

    (void)ptr;
    if (size * count > ANSWER_MAX - transfer->received)
        return 0;
    transfer->received += size * count;
    return size * count;
}

static size_t on_mail_wanted(char *to, size_t size, size_t count, void *ctx)
{
    struct transfer *transfer = ctx;
    struct str rest = str_sub(transfer->parcel->body, transfer->sent, size * count);

    memcpy(to, rest.ptr, rest.len);
    transfer->sent += rest.len;
    return rest.len;
}

static bool add(struct curl_slist **list, const char *text)
{
    struct curl_slist *longer = curl_slist_append(*list, text);

    if (longer == NULL)
        return false;
    *list = longer;
    return true;
}

static bool set_common(struct transfer *transfer, const struct transfer_limits *limits)
{
    CURL *easy = transfer->easy;
    bool has_ca = limits->ca_file != NULL && limits->ca_file[0] != '\0';

    return curl_easy_setopt(easy, CURLOPT_URL, transfer->parcel->url) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, limits->proxy == NULL ? "" : limits->proxy) ==
               CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           (!has_ca || curl_easy_setopt(easy, CURLOPT_CAINFO, limits->ca_file) == CURLE_OK) &&
           curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, limits->connect_ms) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, limits->total_ms) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer) == CURLE_OK;
}

static bool set_post(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    const struct parcel *parcel = transfer->parcel;

    for (size_t i = 0; i < PARCEL_HEADERS; i++)
        if (parcel->headers[i] != NULL && !add(&transfer->headers, parcel->headers[i]))
            return false;
    return add(&transfer->headers, "Content-Type: application/json") &&
           add(&transfer->headers, "Expect:") && /* the body is short: no round trip ahead of it */
           curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USERAGENT, "Switchyard") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)parcel->body.len) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_POSTFIELDS, parcel->body.ptr) == CURLE_OK;
}

static bool set_login(struct transfer *transfer)
{
    const struct parcel *parcel = transfer->parcel;

    if (parcel->user == NULL || parcel->user[0] == '\0')
        return true;
    return curl_easy_setopt(transfer->easy, CURLOPT_USERNAME, parcel->user) == CURLE_OK &&
           curl_easy_setopt(transfer->easy, CURLOPT_PASSWORD, parcel->password) == CURLE_OK;
}

static bool set_mail(struct transfer *transfer)
{
    CURL *easy = transfer->easy;
    const struct parcel *parcel = transfer->parcel;
    long tls = parcel->is_plain ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL;

    return add(&transfer->readers, parcel->to) && set_login(transfer) &&
           curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_USE_SSL, tls) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_MAIL_FROM, parcel->from) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, transfer->readers) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK && /* mails are rare */
           curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_mail_wanted) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_READDATA, transfer) == CURLE_OK;
}

static bool set_all(struct transfer *transfer, const struct transfer_limits *limits)
{
    if (!set_common(transfer, limits))
        return false;
    return transfer->parcel->kind == PARCEL_POST ? set_post(transfer) : set_mail(transfer);
}

struct transfer *transfer_new(struct parcel *parcel, const struct transfer_limits *limits)
{
    struct transfer *transfer = alloc_zero(sizeof *transfer);
    bool is_set;

    link_init(&transfer->link);
    transfer->parcel = parcel;
    transfer->easy = curl_easy_init();
    is_set = transfer->easy != NULL && set_all(transfer, limits);
    assert(is_set); /* courier_new() has seen that libcurl can; what is left is no memory */
    (void)is_set;
    return transfer;
}

void transfer_free(struct transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    curl_slist_free_all(transfer->readers);
    parcel_free(transfer->parcel);
    free(transfer);
}

static enum err error_of(CURLcode code)
{
    if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT ||
        code == CURLE_COULDNT_RESOLVE_PROXY)
        return ERR_UNAVAILABLE;
    if (code == CURLE_OPERATION_TIMEDOUT)
        return ERR_EXPIRED;
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_LOGIN_DENIED ||
        code == CURLE_USE_SSL_FAILED)
        return ERR_DENIED;
    return ERR_IO;
}

struct parcel_result transfer_result(const struct transfer *transfer, CURLcode code)
{
    struct parcel_result result = {0};
    long status = 0;

    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    result.status = (unsigned)status;
    if (code != CURLE_OK) {
        result.err = error_of(code);
        snprintf(result.reason, sizeof result.reason, "%s", curl_easy_strerror(code));
    } else if (status < 200 || status > 299) {
        result.err = ERR_DENIED;
        snprintf(result.reason, sizeof result.reason, "status %ld", status);
    }
    return result;
}
