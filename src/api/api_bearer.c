#include "api/api_bearer.h"

struct str api_bearer(struct str authorization)
{
    struct str scheme;

    if (authorization.ptr == NULL)
        return STR_EMPTY;
    if (!str_split(&authorization, ' ', &scheme) || !str_eq_nocase(scheme, STR("Bearer")))
        return STR("");
    return authorization.len == 0 ? STR("") : str_trim(authorization);
}
