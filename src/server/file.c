#include "server/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 16 * 1024 };

static enum err io_problem(struct problem *problem, const char *path, const char *verb)
{
    return problem_set(problem, ERR_IO, 0, "%s: can't %s: %s", path, verb, strerror(errno));
}

/* No size is asked for beforehand: the file may be a pipe. */
static enum err read_all(int fd, size_t max_bytes, struct buf *out)
{
    size_t before = out->len;

    for (;;) {
        char *room = buf_reserve(out, CHUNK);
        ssize_t got = read(fd, room, CHUNK);

        if (got == 0)
            return ERR_NONE;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERR_IO;
        out->len += (size_t)got;
        if (out->len - before > max_bytes)
            return ERR_TOO_LARGE;
    }
}

enum err file_read(const char *path, size_t max_bytes, struct buf *out, struct problem *problem)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t before = out->len;

    if (fd < 0)
        return io_problem(problem, path, "open");

    enum err err = read_all(fd, max_bytes, out);

    if (err == ERR_IO)
        io_problem(problem, path, "read");
    if (err == ERR_TOO_LARGE)
        problem_set(problem, err, 0, "%s: larger than %zu bytes", path, max_bytes);
    if (err)
        out->len = before;
    close(fd);
    return err;
}

static bool write_all(int fd, struct str content)
{
    while (content.len > 0) {
        ssize_t put = write(fd, content.ptr, content.len);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        content = str_sub(content, (size_t)put, content.len);
    }
    return true;
}

enum err file_replace(const char *path, struct str content, struct problem *problem)
{
    char fresh[PATH_MAX];

    if (snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh)
        return problem_set(problem, ERR_INVALID, 0, "%s: the path is too long", path);

    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0)
        return io_problem(problem, fresh, "write");

    bool written = write_all(fd, content);

    if (close(fd) != 0 || !written)
        return io_problem(problem, fresh, "write");
    if (rename(fresh, path) != 0)
        return io_problem(problem, path, "replace");
    return ERR_NONE;
}
