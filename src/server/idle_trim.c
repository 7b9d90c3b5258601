#include "server/idle_trim.h"

enum {
    BURST = 512, /* counted since the last trim: fewer leave too little */
    QUIET = 4,   /* counted in an interval: as many hardly matter */
};

bool idle_trim_is_due(struct idle_trim *trim, uint64_t count)
{
    uint64_t fresh = count - trim->count;

    trim->count = count;
    if (fresh > QUIET || count - trim->trimmed < BURST)
        return false;
    trim->trimmed = count;
    return true;
}
