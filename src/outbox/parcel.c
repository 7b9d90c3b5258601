#include "outbox/parcel.h"

#include "base/alloc.h"
#include "base/crypto.h"

#include <stdlib.h>
#include <string.h>

/* A copy's texts stand behind it, in one piece. */
struct copy {
    struct parcel parcel;
    size_t len;
    char texts[];
};

static size_t size_of(const char *text)
{
    return text == NULL ? 0 : strlen(text) + 1;
}

static const char *place(char **at, const char *text)
{
    char *to = *at;

    if (text == NULL)
        return NULL;
    memcpy(to, text, size_of(text));
    *at += size_of(text);
    return to;
}

static size_t weigh(const struct parcel *parcel)
{
    size_t len = parcel->body.len + size_of(parcel->url) + size_of(parcel->from) +
                 size_of(parcel->to) + size_of(parcel->user) + size_of(parcel->password);

    for (size_t i = 0; i < PARCEL_HEADERS; i++)
        len += size_of(parcel->headers[i]);
    return len;
}

struct parcel *parcel_copy(const struct parcel *parcel)
{
    size_t len = weigh(parcel);
    struct copy *copy = alloc_zero(sizeof *copy + len);
    char *at = copy->texts;

    copy->len = len;
    copy->parcel = *parcel;
    copy->parcel.url = place(&at, parcel->url);
    copy->parcel.body = str_place(&at, parcel->body);
    for (size_t i = 0; i < PARCEL_HEADERS; i++)
        copy->parcel.headers[i] = place(&at, parcel->headers[i]);
    copy->parcel.from = place(&at, parcel->from);
    copy->parcel.to = place(&at, parcel->to);
    copy->parcel.user = place(&at, parcel->user);
    copy->parcel.password = place(&at, parcel->password);
    return &copy->parcel;
}

void parcel_free(struct parcel *parcel)
{
    struct copy *copy = (struct copy *)parcel;

    if (copy == NULL)
        return;
    crypto_wipe(copy->texts, copy->len);
    free(copy);
}

static bool fits(const char *text, size_t cap)
{
    return text == NULL || (strlen(text) < cap && strpbrk(text, "\r\n") == NULL);
}

bool parcel_is_valid(const struct parcel *parcel)
{
    if (parcel->body.len > PARCEL_BODY_MAX || parcel->url == NULL)
        return false;
    for (size_t i = 0; i < PARCEL_HEADERS; i++)
        if (!fits(parcel->headers[i], PARCEL_URL_CAP))
            return false;
    return fits(parcel->url, PARCEL_URL_CAP) && fits(parcel->from, PARCEL_ADDRESS_CAP) &&
           fits(parcel->to, PARCEL_ADDRESS_CAP) && fits(parcel->user, PARCEL_URL_CAP) &&
           fits(parcel->password, PARCEL_URL_CAP);
}
