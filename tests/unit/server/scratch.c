#include "scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

int scratch_open(void **state)
{
    struct scratch *scratch = calloc(1, sizeof *scratch);

    snprintf(scratch->directory, sizeof scratch->directory, "/tmp/switchyard-test.XXXXXX");
    *state = scratch;
    return mkdtemp(scratch->directory) == NULL ? -1 : 0;
}

static int on_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

int scratch_close(void **state)
{
    struct scratch *scratch = *state;
    int result = nftw(scratch->directory, on_entry, 8, FTW_DEPTH | FTW_PHYS);

    free(scratch);
    return result;
}

const char *scratch_path(const struct scratch *scratch, const char *name,
                         char out[SCRATCH_PATH_CAP])
{
    snprintf(out, SCRATCH_PATH_CAP, "%s/%s", scratch->directory, name);
    return out;
}
