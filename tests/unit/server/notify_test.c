#include "server/notify.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A service manager's socket; its variable is set for the time of the test. */
static int open_manager(const struct scratch *scratch)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char path[SCRATCH_PATH_CAP];
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

    scratch_path(scratch, "notify", path);
    assert_true(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path));
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", path, 1), 0);
    return fd;
}

static void close_manager(int fd)
{
    unsetenv("NOTIFY_SOCKET");
    close(fd);
}

static void expect(int fd, const char *wanted)
{
    char text[256];
    ssize_t got = recv(fd, text, sizeof text - 1, 0);

    assert_true(got > 0);
    text[got] = '\0';
    assert_memory_equal(text, wanted, strlen(wanted));
}

static void the_service_manager_is_told_each_state(void **state)
{
    int fd = open_manager(*state);

    notify_ready();
    expect(fd, "READY=1");
    notify_reloading();
    expect(fd, "RELOADING=1\nMONOTONIC_USEC=");
    notify_alive();
    expect(fd, "WATCHDOG=1");
    notify_stopping();
    expect(fd, "STOPPING=1");
    close_manager(fd);
}

static void without_a_service_manager_nothing_happens(void **state)
{
    (void)state;
    unsetenv("NOTIFY_SOCKET");
    notify_ready();
    notify_stopping();
    assert_int_equal(notify_alive_ms(), 0);
}

static void the_watchdog_says_how_often(void **state)
{
    char process[32];

    (void)state;
    snprintf(process, sizeof process, "%ld", (long)getpid());
    assert_int_equal(setenv("WATCHDOG_USEC", "30000000", 1), 0);
    assert_int_equal(setenv("WATCHDOG_PID", process, 1), 0);
    assert_int_equal(notify_alive_ms(), 30000);
    assert_int_equal(setenv("WATCHDOG_PID", "1", 1), 0);
    assert_int_equal(notify_alive_ms(), 0);
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

#define SCRATCH_TEST(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, scratch_open, scratch_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRATCH_TEST(the_service_manager_is_told_each_state),
        SCRATCH_TEST(without_a_service_manager_nothing_happens),
        SCRATCH_TEST(the_watchdog_says_how_often),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
