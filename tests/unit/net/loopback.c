#include "loopback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PATIENCE_S = 20, SETTLE_MS = 20 };

int loopback_listen(unsigned short *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 16), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

int loopback_connect(unsigned short port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    address.sin_port = htons(port);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

void loopback_pair(int *ours, int *theirs)
{
    unsigned short port;
    int listening = loopback_listen(&port);

    *theirs = loopback_connect(port);
    *ours = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    assert_true(*ours >= 0);
    close(listening);
}

void loopback_send(int fd, const char *ptr, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, ptr, len, MSG_NOSIGNAL);

        assert_true(sent > 0);
        ptr += sent;
        len -= (size_t)sent;
    }
}

void loopback_receive(int fd, char *ptr, size_t len)
{
    while (len > 0) {
        ssize_t got = recv(fd, ptr, len, 0);

        assert_true(got > 0);
        ptr += got;
        len -= (size_t)got;
    }
}

void loopback_expect_end(int fd)
{
    char byte;

    assert_int_equal(recv(fd, &byte, 1, 0), 0);
}

void loopback_expect_reset(int fd)
{
    char bytes[4096];
    ssize_t got;

    do
        got = recv(fd, bytes, sizeof bytes, 0);
    while (got > 0);
    assert_int_equal(got, -1);
    assert_int_equal(errno, ECONNRESET);
}

void loopback_run_until(struct loop *loop, const int *flag)
{
    uint64_t end_us = loop_clock_us() + PATIENCE_S * UINT64_C(1000000);

    while (*flag == 0 && loop_clock_us() < end_us)
        loop_turn(loop, 100);
    assert_int_not_equal(*flag, 0);
}

void loopback_settle(struct loop *loop)
{
    uint64_t start_us;

    do {
        start_us = loop_clock_us();
        loop_turn(loop, SETTLE_MS);
    } while (loop_clock_us() - start_us < (SETTLE_MS - 1) * UINT64_C(1000));
}
