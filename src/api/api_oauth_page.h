/*
 * api_oauth_page - the login page of OAuth 2.0 as a browser gets it: HTML and CSS, nothing to
 * fetch, nothing to run. Private to api.
 */
#pragma once

#include "api/api_call.h"
#include "domain/oauth.h"

/* The form, for the browser that has the cookie; message: why it is shown again, or NULL. Frees the
 * call. */
void api_oauth_page_show(struct api_call *call, const struct oauth_page *page, const char *app_name,
                         unsigned status, const char *message);
/* A page that says why there is no form. Frees the call. */
void api_oauth_page_refuse(struct api_call *call, unsigned status, const char *message);
/* Sends the browser back to the app. Frees the call. */
void api_oauth_page_send_back(struct api_call *call, const struct oauth_request *request,
                              const char *code, struct str region);

enum { API_OAUTH_PAGE_COOKIE_BYTES = 16 };

/* The browser's cookie, so many bytes as hex digits; ptr NULL when it has none. */
struct str api_oauth_page_cookie(const struct api_call *call);
