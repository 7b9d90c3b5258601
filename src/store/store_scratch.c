#include "store/store_scratch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char FILE_NAME[] = "/switchyard.db";

enum err store_scratch_make(char path[static STORE_SCRATCH_CAP], struct problem *problem)
{
    snprintf(path, STORE_SCRATCH_CAP, "%s/switchyard.XXXXXX", P_tmpdir);
    if (mkdtemp(path) == NULL)
        return problem_set(problem, ERR_IO, 0, "%.60s: %s", path, strerror(errno));
    strncat(path, FILE_NAME, STORE_SCRATCH_CAP - strlen(path) - 1);
    return ERR_NONE;
}

void store_scratch_remove(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal", ".lock"};
    char name[STORE_SCRATCH_CAP + 16];

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
    snprintf(name, sizeof name, "%.*s", (int)(strlen(path) - strlen(FILE_NAME)), path);
    rmdir(name);
}
