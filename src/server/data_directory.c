#include "server/data_directory.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct data_directory {
    int lock_fd;
};

static enum err make(const char *path, struct problem *problem)
{
    struct stat found;

    if (mkdir(path, 0700) == 0)
        return ERR_NONE;
    if (errno != EEXIST)
        return problem_set(problem, ERR_IO, 0,
                           "data directory %s: can't be made: %s (its parent must exist and be "
                           "writable)",
                           path, strerror(errno));
    if (stat(path, &found) != 0 || !S_ISDIR(found.st_mode))
        return problem_set(problem, ERR_IO, 0, "data directory %s: is no directory", path);
    return ERR_NONE;
}

static long holder_of(int fd)
{
    char text[32] = "";
    ssize_t got = pread(fd, text, sizeof text - 1, 0);

    return got > 0 ? strtol(text, NULL, 10) : 0;
}

static enum err hold(int fd, const char *path, struct problem *problem)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());

    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return problem_set(problem, errno == EWOULDBLOCK ? ERR_BUSY : ERR_IO, 0,
                           "data directory %s: in use by another server (process %ld); stop it, or "
                           "give this one another with --data",
                           path, holder_of(fd));
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)len, 0) != len)
        return problem_set(problem, ERR_IO, 0, "data directory %s: can't write the lock file: %s",
                           path, strerror(errno));
    return ERR_NONE;
}

enum err data_directory_open(const char *path, struct problem *problem, struct data_directory **out)
{
    char name[PATH_MAX];
    enum err err = make(path, problem);

    if (err)
        return err;
    if (snprintf(name, sizeof name, "%s/lock", path) >= (int)sizeof name)
        return problem_set(problem, ERR_INVALID, 0, "data directory: the path is too long");

    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0)
        return problem_set(problem, ERR_IO, 0, "%s: can't be opened: %s", name, strerror(errno));
    if ((err = hold(fd, path, problem))) {
        close(fd);
        return err;
    }
    *out = alloc_zero(sizeof **out);
    (*out)->lock_fd = fd;
    return ERR_NONE;
}

void data_directory_close(struct data_directory *directory)
{
    if (directory == NULL)
        return;
    close(directory->lock_fd);
    free(directory);
}
