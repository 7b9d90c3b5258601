#include "far_end.h"

#include "base/alloc.h"
#include "loopback.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct far_end {
    const struct far_end_step *steps;
    int listener;
    unsigned short port;
    pthread_t thread;
    struct buf told;
    size_t answered; /* of it, what the steps so far have waited for */
};

static bool ends_with(struct str text, const char *end)
{
    struct str wanted = str_of(end);

    return text.len >= wanted.len &&
           str_eq(str_sub(text, text.len - wanted.len, wanted.len), wanted);
}

/* False when the peer has gone. */
static bool hear(struct far_end *end, int fd, const char *until)
{
    while (!ends_with(str_sub(buf_str(&end->told), end->answered, end->told.len), until)) {
        ssize_t got = recv(fd, buf_reserve(&end->told, 4096), 4096, 0);

        if (got <= 0)
            return false;
        end->told.len += (size_t)got;
    }
    return true;
}

static void serve(struct far_end *end, int fd)
{
    for (const struct far_end_step *step = end->steps; step->say != NULL; step++) {
        if (step->until != NULL && !hear(end, fd, step->until))
            return;
        end->answered = end->told.len;
        if (send(fd, step->say, str_of(step->say).len, MSG_NOSIGNAL) < 0)
            return;
    }
}

static void *run(void *ctx)
{
    struct far_end *end = ctx;
    int fd;

    while ((fd = accept(end->listener, NULL, NULL)) >= 0) {
        serve(end, fd);
        close(fd);
    }
    return NULL;
}

struct far_end *far_end_open(const struct far_end_step *steps)
{
    struct far_end *end = alloc_zero(sizeof *end);

    end->steps = steps;
    end->listener = loopback_listen(&end->port);
    if (pthread_create(&end->thread, NULL, run, end) != 0)
        abort();
    return end;
}

unsigned short far_end_port(const struct far_end *end)
{
    return end->port;
}

struct str far_end_close(struct far_end *end)
{
    shutdown(end->listener, SHUT_RDWR);
    pthread_join(end->thread, NULL);
    close(end->listener);
    return buf_str(&end->told);
}

void far_end_free(struct far_end *end)
{
    buf_free(&end->told);
    free(end);
}
