/* rest_ota - questions about newer firmware, and their answer. Any thread. */
#pragma once

#include "base/json_out.h"
#include "proto/rest_answer.h"
#include "proto/rest_args.h"

#include <stdbool.h>

/* It lists devices, as it must. */
bool rest_ota_is_query(const struct rest_args *args);
/* The members that say "for none of them". */
void rest_ota_put_none(struct json_out *json, enum rest_style style);
