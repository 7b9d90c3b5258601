#include "server/host_name.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

bool host_name_read(char out[HOST_NAME_CAP])
{
    if (gethostname(out, HOST_NAME_CAP) != 0)
        return false;
    out[HOST_NAME_CAP - 1] = '\0';
    for (const char *at = out; *at != '\0'; at++)
        if (!isalnum((unsigned char)*at) && strchr("-.", *at) == NULL)
            return false;
    return isalnum((unsigned char)out[0]) != 0;
}
