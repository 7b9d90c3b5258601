#include "server/environment.h"

#include <string.h>
#include <unistd.h>

struct environment environment_process(void)
{
    return (struct environment){environ};
}

const char *environment_find(const struct environment *environment, const char *name)
{
    struct str wanted = str_of(name);
    struct str found;
    const char *value;
    size_t at = 0;

    while (environment_next(environment, wanted, &at, &found, &value))
        if (str_eq(found, wanted))
            return value;
    return NULL;
}

bool environment_next(const struct environment *environment, struct str prefix, size_t *at,
                      struct str *name, const char **value)
{
    while (environment->entries != NULL && environment->entries[*at] != NULL) {
        const char *entry = environment->entries[(*at)++];
        const char *equals = strchr(entry, '=');

        if (equals == NULL || !str_starts(str_of(entry), prefix))
            continue;
        *name = (struct str){entry, (size_t)(equals - entry)};
        *value = equals + 1;
        if (name->len >= prefix.len)
            return true;
    }
    return false;
}
