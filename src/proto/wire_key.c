#include "proto/wire_key.h"

#include <string.h>

/* With the literal's length known, the compiler makes one or two plain compares of it. */
#define IS(key, literal) (memcmp((key).ptr, "" literal, sizeof(literal) - 1) == 0)

static enum wire_key of_five(struct str key)
{
    if (IS(key, "error"))
        return WIRE_KEY_ERROR;
    if (IS(key, "d_seq"))
        return WIRE_KEY_D_SEQ;
    if (IS(key, "appid"))
        return WIRE_KEY_APPID;
    return IS(key, "model") ? WIRE_KEY_MODEL : WIRE_KEY_OTHER;
}

static enum wire_key of_six(struct str key)
{
    if (IS(key, "action"))
        return WIRE_KEY_ACTION;
    if (IS(key, "apikey"))
        return WIRE_KEY_APIKEY;
    if (IS(key, "params"))
        return WIRE_KEY_PARAMS;
    if (IS(key, "reason"))
        return WIRE_KEY_REASON;
    return IS(key, "chipid") ? WIRE_KEY_CHIPID : WIRE_KEY_OTHER;
}

static enum wire_key of_eight(struct str key)
{
    if (IS(key, "deviceid"))
        return WIRE_KEY_DEVICEID;
    return IS(key, "sequence") ? WIRE_KEY_SEQUENCE : WIRE_KEY_OTHER;
}

enum wire_key wire_key_of(struct str key)
{
    switch (key.len) {
    case 2:
        return IS(key, "at") ? WIRE_KEY_AT : WIRE_KEY_OTHER;
    case 3:
        return IS(key, "seq") ? WIRE_KEY_SEQ : WIRE_KEY_OTHER;
    case 5:
        return of_five(key);
    case 6:
        return of_six(key);
    case 7:
        return IS(key, "version") ? WIRE_KEY_VERSION : WIRE_KEY_OTHER;
    case 8:
        return of_eight(key);
    case 9:
        return IS(key, "userAgent") ? WIRE_KEY_USER_AGENT : WIRE_KEY_OTHER;
    case 10:
        return IS(key, "romVersion") ? WIRE_KEY_ROM_VERSION : WIRE_KEY_OTHER;
    default:
        return WIRE_KEY_OTHER;
    }
}
