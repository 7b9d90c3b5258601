/*
 * rest_sign - the signature of a call that has no access token yet: "Authorization: Sign TEXT".
 *
 * TEXT is the base64 of an HMAC-SHA256 under the app's secret: of the body's bytes as they were
 * sent, or, of a call without a body, of its parameters: name=value, decoded, sorted by name,
 * joined by
 * '&'. Documents of the API put values in double quotes, all but those of "ts" and "version" in one
 * example, and real clients none: each way is accepted. Compared in constant time. Source:
 * docs/protocol.md, "Signatures". Any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"
#include "proto/rest_args.h"

#include <stdbool.h>

/* The text behind "Sign "; ptr NULL without an Authorization header or with another scheme. */
struct str rest_sign_of(struct str authorization);

MUST_USE bool rest_sign_is_of_body(struct str sign, struct str secret, struct str body);
/* Of the parameters of a call whose body is empty. */
MUST_USE bool rest_sign_is_of_args(struct str sign, struct str secret,
                                   const struct rest_args *args);
