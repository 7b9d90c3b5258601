/*
 * api_handover - devices are added, changed and given back; both dialects. Private to api.
 */
#pragma once

#include "api/api_call.h"

extern const struct api_resource api_handover;
