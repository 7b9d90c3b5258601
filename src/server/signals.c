#include "server/signals.h"

#include "base/alloc.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct signals {
    struct loop_watch watch;
    signals_fn on_signal;
    void *ctx;
    sigset_t before;
};

static bool take(struct signals *signals, int *number)
{
    struct signalfd_siginfo info;

    if (read(signals->watch.fd, &info, sizeof info) != sizeof info)
        return false;
    *number = (int)info.ssi_signo;
    return true;
}

static void on_ready(struct loop_watch *watch, unsigned events)
{
    struct signals *signals = CONTAINER_OF(watch, struct signals, watch);
    int number;

    (void)events;
    if (take(signals, &number))
        signals->on_signal(signals->ctx, number);
}

enum err signals_open(struct loop *loop, signals_fn on_signal, void *ctx, struct signals **out)
{
    struct signals *signals = alloc_zero(sizeof *signals);
    sigset_t mask;

    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &mask, &signals->before);

    int fd = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);

    signals->on_signal = on_signal;
    signals->ctx = ctx;
    signals->watch.on_ready = on_ready;
    if (fd < 0 || loop_watch_start(loop, &signals->watch, fd, LOOP_READABLE)) {
        pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
        if (fd >= 0)
            close(fd);
        free(signals);
        return ERR_IO;
    }
    *out = signals;
    return ERR_NONE;
}

void signals_close(struct signals *signals)
{
    int number;

    if (signals == NULL)
        return;
    while (take(signals, &number))
        ;
    int fd = signals->watch.fd;

    loop_watch_stop(&signals->watch);
    close(fd);
    pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
    free(signals);
}
