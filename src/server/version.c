#include "server/version.h"

const char *version_text(void)
{
    return SWITCHYARD_VERSION; /* given by the build */
}
