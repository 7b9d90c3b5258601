#include "store/store_verb.h"

bool store_verb_is_change(enum store_verb verb)
{
    return verb >= VERB_APP_CREATE && verb <= VERB_DEVICE_UPDATE;
}

bool store_verb_is_password(enum store_verb verb)
{
    return verb == VERB_PASSWORD_HASH || verb == VERB_PASSWORD_VERIFY;
}
