/*
 * api_holding - what an account holds, as the API shows it. Private to api.
 */
#pragma once

#include "api/api_call.h"
#include "domain/inventory.h"
#include "proto/rest_device.h"

enum { API_FAMILY_CAP = 25 };

/* The id of the account's home: always the same, and no way back to the apikey. */
void api_holding_family(const char *apikey, char out[API_FAMILY_CAP]);

/* A view of the holding, until the next one is made; `family` and the holding must stay. */
void api_holding_view(struct api_call *call, const struct holding *holding, const char *family,
                      struct rest_device *out);

/* Looks for some devices of the call's account, or all (ids NULL); on_found's ctx is the call. A
 * failure refuses the call. */
void api_holding_find(struct api_call *call, const struct str *ids, size_t count,
                      inventory_fn on_found);

/* The code for a search that failed. */
int api_holding_error(enum err err);
