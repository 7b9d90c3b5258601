/*
 * api_sign - which app makes a call that has no access token yet, by the call's signature.
 *
 * Private to api. The owning worker's thread only.
 */
#pragma once

#include "api/api_call.h"

/*
 * Goes on with the call (api_call_go_on): granted, with the app's id and quirks; denied, when the
 * signature is not the app's; forbidden, when the app is unknown or disabled. Where unknown apps
 * may come in, one is granted with an empty id, whatever it has signed.
 */
void api_sign_check(struct api_call *call);
