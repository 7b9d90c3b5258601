/*
 * admin_text - the texts that operators give: checked, or made at random where they gave none.
 *
 * A check answers NULL, or what a valid text looks like, to stand behind "'NAME' must be ...". Pure
 * but for the randomness of base/crypto. Any thread.
 */
#pragma once

#include "base/json_out.h"
#include "base/str.h"

#include <stdint.h>

const char *admin_text_check_app_id(struct str text);
const char *admin_text_check_secret(struct str text); /* an app's secret or a device's key */
const char *admin_text_check_account(struct str text);
const char *admin_text_check_apikey(struct str text);
const char *admin_text_check_region(struct str text);
const char *admin_text_check_password(struct str text);
const char *admin_text_check_device_id(struct str text);
const char *admin_text_check_label(struct str text); /* a name or a model */
const char *admin_text_check_token(struct str text);

/* `len` letters and digits, each drawn evenly, NUL-terminated; out has len + 1 bytes. */
void admin_text_random(size_t len, char *out);

/* "2026-01-31T12:00:00.000Z", or null for 0 (never). */
void admin_text_time(struct json_out *out, const char *key, int64_t wall_ms);
