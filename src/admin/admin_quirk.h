/*
 * admin_quirk - names of the departures from the protocol that an application may need, and which
 * of them known clients need (docs/protocol.md, "Quirks"). Pure, any thread.
 */
#pragma once

#include "base/json_out.h"
#include "base/str.h"

#include <stdbool.h>

/* Adds the quirk, or those of the client, to *quirks; false when there is no such name. */
bool admin_quirk_add(struct str name, unsigned *quirks);
bool admin_quirk_add_preset(struct str client, unsigned *quirks);

/* The nearest valid name, or NULL. */
const char *admin_quirk_nearest(struct str name);
const char *admin_quirk_nearest_preset(struct str client);

/* Writes an array of the names. */
void admin_quirk_write(struct json_out *out, const char *key, unsigned quirks);
