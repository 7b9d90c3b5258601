#include "net/file_limit.h"

#include <assert.h>
#include <stdint.h>
#include <sys/resource.h>

/* Of each worker: the loop's two, and the connection that is accepted only to be refused. */
enum { WORKER_FILES = 3 };

size_t file_limit_raise(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    if (limit.rlim_cur < limit.rlim_max) {
        struct rlimit raised = {limit.rlim_max, limit.rlim_max};

        if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
            limit = raised;
    }
    return limit.rlim_cur == RLIM_INFINITY ? SIZE_MAX : (size_t)limit.rlim_cur;
}

size_t file_limit_conns(size_t files, size_t doors, size_t workers)
{
    assert(doors > 0 && workers > 0);

    size_t reserved = FILE_LIMIT_RESERVED + workers * (WORKER_FILES + doors);
    size_t conns = files > reserved ? (files - reserved) / (workers * doors) : 0;

    return conns > 0 ? conns : 1;
}
