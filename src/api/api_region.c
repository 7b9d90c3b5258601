#include "api/api_region.h"

#include "api/api_private.h"
#include "api/api_user.h"

#include <stdio.h>

enum { REQUEST_ID_CAP = 160 };

/* "+86" and "86" are one code. */
static struct str digits_of(struct str code)
{
    return code.len > 0 && code.ptr[0] == '+' ? str_sub(code, 1, code.len) : code;
}

static struct str region_of(const struct api_call *call, struct str code)
{
    const struct api_config *config = &call->api->config;

    for (size_t i = 0; i < config->country_count; i++) {
        struct str region = str_of(config->countries[i]);
        struct str country;

        if (str_split(&region, '=', &country) && str_eq(digits_of(country), digits_of(code)))
            return region;
    }
    return api_user_region(call, "");
}

/* As a dispatch answers it: only when the request had both. */
static void put_request_id(struct json_out *json, const struct rest_args *args)
{
    struct str ts = rest_args_text(args, "ts");
    struct str nonce = rest_args_text(args, "nonce");
    char text[REQUEST_ID_CAP];

    if (ts.len == 0 || nonce.len == 0 || ts.len + nonce.len + 1 >= sizeof text)
        return;
    snprintf(text, sizeof text, STR_FMT "-" STR_FMT, STR_ARG(ts), STR_ARG(nonce));
    json_out_str(json, "requestid", str_of(text));
}

static void on_region(struct api_call *call)
{
    struct str code = rest_args_text(&call->args, "country_code");
    struct json_out json = api_call_begin(call);

    if (code.len == 0)
        code = rest_args_text(&call->args, "countryCode");
    if (call->route->style != REST_V2)
        put_request_id(&json, &call->args);
    json_out_str(&json, "region", region_of(call, code));
    api_call_send(call, &json);
}

static const struct api_route routes[] = {
    {"GET", "/api/user/region", API_SIGNED, REST_INFO, 406, on_region},
    {"GET", "/v2/utils/get-region", API_SIGNED, REST_V2, 0, on_region},
};

const struct api_resource api_region = {routes, sizeof routes / sizeof *routes};
