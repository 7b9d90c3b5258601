#include "store/store_account_name.h"

#include "store/store_check.h"

void store_account_name_fold(char name[static STORE_ACCOUNT_CAP])
{
    if (memchr(name, '\0', STORE_ACCOUNT_CAP) == NULL || strchr(name, '@') == NULL)
        return;
    for (char *at = name; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
}

bool store_account_name_copy(struct str name, char out[static STORE_ACCOUNT_CAP])
{
    out[0] = '\0';
    if (!store_check_copy(name, out, STORE_ACCOUNT_CAP))
        return false;
    store_account_name_fold(out);
    return true;
}
