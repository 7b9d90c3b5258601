#include "server/server.h"

#include "base/crypto.h"
#include "base/json.h"
#include "scratch.h"
#include "server/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOG_MAX_BYTES = 1024 * 1024 };

/* A server in this process: its main thread is this test's second one. */
struct fixture {
    struct scratch *scratch;
    char data[SCRATCH_PATH_CAP];
    char file[SCRATCH_PATH_CAP];
    char log[SCRATCH_PATH_CAP];
    char *words[8];
    struct environment environment;
    struct flags flags;
    struct server_config config;
    struct problem problem;
    struct server *server;
    enum server_end end;
    pthread_t thread;
    FILE *log_file;
};

static const char settings[] =
    "listen: {tls: ['127.0.0.1:0'], plain: ['127.0.0.1:0']}\n"
    "admin: {listen: ['127.0.0.1:0']}\n"
    "limits.connections: 64\n"
    "tls: {names: [localhost, 127.0.0.1]}\n"
    "workers: 2\n";

static int open_fixture(void **state)
{
    static struct fixture fixture;
    static char *const no_variables[] = {NULL};
    void *scratch;

    if (scratch_open(&scratch))
        return -1;
    memset(&fixture, 0, sizeof fixture);
    fixture.scratch = scratch;
    scratch_path(scratch, "data", fixture.data);
    scratch_path(scratch, "switchyard.yaml", fixture.file);
    scratch_path(scratch, "log", fixture.log);
    fixture.environment = (struct environment){no_variables};
    fixture.flags.given[0] = (struct flag){option_find(STR("data")), str_of(fixture.data)};
    fixture.flags.count = 1;
    fixture.log_file = fopen(fixture.log, "w");
    fixture.config = (struct server_config){
        .inputs = {.file = fixture.file,
                   .environment = &fixture.environment,
                   .flags = &fixture.flags},
        .log_fd = fileno(fixture.log_file),
    };
    *state = &fixture;
    return file_replace(fixture.file, str_of(settings), NULL) == ERR_NONE ? 0 : -1;
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;
    void *scratch = fixture->scratch;

    fclose(fixture->log_file);
    return scratch_close(&scratch);
}

/* The thread that opens a server has its signals blocked, so it also runs and closes it. */
static void *serve(void *ctx)
{
    struct fixture *fixture = ctx;

    fixture->end = server_run(fixture->server);
    return NULL;
}

static void start(struct fixture *fixture)
{
    if (server_open(&fixture->config, &fixture->problem, &fixture->server))
        fail_msg("%s", fixture->problem.text);
    assert_int_equal(pthread_create(&fixture->thread, NULL, serve, fixture), 0);
}

static void stop(struct fixture *fixture)
{
    assert_int_equal(kill(getpid(), SIGTERM), 0);
    pthread_join(fixture->thread, NULL);
    server_close(fixture->server);
}

/* The port of the first listener of that kind, from ports.json. */
static uint16_t port_of(const struct fixture *fixture, const char *kind)
{
    struct buf text = BUF_EMPTY;
    char path[SCRATCH_PATH_CAP + 16];
    char wanted[32];
    const char *at;

    snprintf(path, sizeof path, "%s/ports.json", fixture->data);
    assert_int_equal(file_read(path, 65536, &text, NULL), ERR_NONE);
    buf_append_byte(&text, '\0');
    snprintf(wanted, sizeof wanted, "\"kind\":\"%s\"", kind);
    at = strstr(text.ptr, wanted);
    assert_non_null(at);
    at = strstr(at, "\"port\":");
    assert_non_null(at);

    uint16_t port = (uint16_t)strtoul(at + 7, NULL, 10);

    buf_free(&text);
    assert_int_not_equal(port, 0);
    return port;
}

static int connect_to(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* Everything that comes until the peer closes, or `until` has come. */
static void receive(int fd, const char *until, char *out, size_t cap)
{
    size_t len = 0;

    out[0] = '\0';
    while (len + 1 < cap && strstr(out, until) == NULL) {
        ssize_t got = recv(fd, out + len, cap - 1 - len, 0);

        if (got <= 0)
            return;
        len += (size_t)got;
        out[len] = '\0';
    }
}

static void send_text(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static bool log_has(const struct fixture *fixture, const char *text)
{
    struct buf log = BUF_EMPTY;
    bool has;

    assert_int_equal(file_read(fixture->log, LOG_MAX_BYTES, &log, NULL), ERR_NONE);
    buf_append_byte(&log, '\0');
    has = strstr(log.ptr, text) != NULL;
    buf_free(&log);
    return has;
}

static void wait_for_log(const struct fixture *fixture, const char *text)
{
    while (!log_has(fixture, text))
        usleep(1000);
}

static int count_log(const struct fixture *fixture, const char *text)
{
    struct buf log = BUF_EMPTY;
    int count = 0;

    assert_int_equal(file_read(fixture->log, LOG_MAX_BYTES, &log, NULL), ERR_NONE);
    buf_append_byte(&log, '\0');
    for (const char *at = log.ptr; (at = strstr(at, text)) != NULL; at++)
        count++;
    buf_free(&log);
    return count;
}

static void it_starts_serves_and_stops(void **state)
{
    struct fixture *fixture = *state;
    char answer[4096];

    start(fixture);
    assert_int_not_equal(port_of(fixture, "tls"), port_of(fixture, "plain"));
    assert_true(log_has(fixture, "listener.open address=127.0.0.1:"));

    int fd = connect_to(port_of(fixture, "plain"));

    send_text(fd, "GET /dispatch/app HTTP/1.1\r\nHost: a\r\n\r\n");
    receive(fd, "}", answer, sizeof answer);
    assert_non_null(strstr(answer, "\"error\":401"));
    close(fd);
    stop(fixture);
    assert_int_equal(fixture->end, SERVER_STOPPED);
    assert_true(log_has(fixture, "server.end finished=yes"));
}

/* A WebSocket link that says nothing more. */
static int connect_link(const struct fixture *fixture)
{
    char answer[4096];
    int fd = connect_to(port_of(fixture, "plain"));

    send_text(fd,
              "GET /api/ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    receive(fd, "\r\n\r\n", answer, sizeof answer);
    assert_non_null(strstr(answer, "101 Switching"));
    return fd;
}

static void links_are_closed_with_1001(void **state)
{
    struct fixture *fixture = *state;

    start(fixture);

    int fd = connect_link(fixture);

    assert_int_equal(kill(getpid(), SIGTERM), 0);

    unsigned char frame[4] = {0};

    assert_int_equal(recv(fd, frame, sizeof frame, MSG_WAITALL), 4);
    assert_int_equal(frame[0], 0x88);
    assert_int_equal(frame[2] << 8 | frame[3], 1001);
    close(fd);
    pthread_join(fixture->thread, NULL);
    assert_int_equal(fixture->end, SERVER_STOPPED);
    server_close(fixture->server);
}

static void the_data_directory_tells_the_ports_while_it_runs(void **state)
{
    struct fixture *fixture = *state;
    char path[SCRATCH_PATH_CAP + 16];

    snprintf(path, sizeof path, "%s/ports.json", fixture->data);
    start(fixture);
    assert_int_equal(access(path, F_OK), 0);
    stop(fixture);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void a_second_server_is_refused_the_same_directory(void **state)
{
    struct fixture *fixture = *state;
    struct server *second = NULL;
    struct problem problem;

    start(fixture);
    assert_int_equal(server_open(&fixture->config, &problem, &second), ERR_BUSY);
    assert_non_null(strstr(problem.text, "in use by another server"));
    assert_null(second);
    assert_int_not_equal(port_of(fixture, "plain"), 0);
    stop(fixture);
}

static void a_port_in_use_is_told_and_nothing_stays(void **state)
{
    struct fixture *fixture = *state;
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    int taken = socket(AF_INET, SOCK_STREAM, 0);
    char text[256];

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(taken, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(taken, 1), 0);
    assert_int_equal(getsockname(taken, (struct sockaddr *)&address, &len), 0);
    snprintf(text, sizeof text, "listen: {tls: [], plain: ['127.0.0.1:%d']}\nadmin: {listen: []}\n",
             ntohs(address.sin_port));
    assert_int_equal(file_replace(fixture->file, str_of(text), NULL), ERR_NONE);
    assert_int_equal(server_open(&fixture->config, &fixture->problem, &fixture->server), ERR_IO);
    assert_non_null(strstr(fixture->problem.text, "127.0.0.1:"));
    close(taken);

    assert_int_equal(file_replace(fixture->file, str_of(settings), NULL), ERR_NONE);
    start(fixture);
    stop(fixture);
}

static void a_reload_takes_over_what_it_can_and_names_the_rest(void **state)
{
    struct fixture *fixture = *state;
    struct buf text = BUF_EMPTY;

    start(fixture);
    buf_append(&text, str_of(settings));
    buf_append(&text, STR("log: {level: debug}\ncommand: {timeout: 9s}\n"));
    assert_int_equal(file_replace(fixture->file, buf_str(&text), NULL), ERR_NONE);
    assert_int_equal(kill(getpid(), SIGHUP), 0);
    wait_for_log(fixture, "certificate.reloaded");
    assert_true(log_has(fixture, "config.changed option=log.level"));
    assert_true(log_has(fixture, "config.needs_restart option=command.timeout"));
    assert_int_equal(count_log(fixture, "config.changed"), 1);
    assert_int_equal(count_log(fixture, "config.needs_restart"), 1);
    stop(fixture);
    buf_free(&text);
}

static void a_reload_with_a_mistake_changes_nothing(void **state)
{
    struct fixture *fixture = *state;

    start(fixture);
    assert_int_equal(file_replace(fixture->file, STR("log: {level: debug}\nworkers: many\n"), NULL),
                     ERR_NONE);
    assert_int_equal(kill(getpid(), SIGHUP), 0);
    wait_for_log(fixture, "certificate.reloaded");
    assert_true(log_has(fixture, "config.failed"));
    assert_true(log_has(fixture, "line=2"));
    assert_false(log_has(fixture, "config.changed"));
    stop(fixture);
}

static void a_mistake_in_the_file_is_told_with_its_line(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(file_replace(fixture->file, STR("\nworkers: many\n"), NULL), ERR_NONE);
    assert_int_equal(server_open(&fixture->config, &fixture->problem, &fixture->server),
                     ERR_INVALID);
    assert_int_equal(fixture->problem.line, 2);
    assert_int_not_equal(access(fixture->data, F_OK), 0);
}

/* A server in a process of its own, for ends that leave the process unfit to go on. It exits
 * with the end it came to. */
static pid_t start_process(struct fixture *fixture, const char *more_settings)
{
    struct buf text = BUF_EMPTY;
    pid_t pid;

    buf_append(&text, str_of(settings));
    buf_append(&text, str_of(more_settings));
    assert_int_equal(file_replace(fixture->file, buf_str(&text), NULL), ERR_NONE);
    buf_free(&text);
    pid = fork();
    assert_true(pid >= 0);
    if (pid > 0) {
        wait_for_log(fixture, "server.ready");
        return pid;
    }
    if (server_open(&fixture->config, &fixture->problem, &fixture->server))
        _exit(99);

    enum server_end end = server_run(fixture->server);

    if (end != SERVER_KILLED)
        server_close(fixture->server);
    _exit((int)end);
}

static int exit_code(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void the_drain_time_bounds_a_stop(void **state)
{
    struct fixture *fixture = *state;
    pid_t pid = start_process(fixture, "drain: 50ms\n");
    int fd = connect_link(fixture);

    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(exit_code(pid), SERVER_UNFINISHED); /* this peer never closes its side */
    assert_true(log_has(fixture, "server.unfinished"));
    assert_true(log_has(fixture, "server.end finished=no"));
    close(fd);
}

static void a_second_signal_ends_it_at_once(void **state)
{
    struct fixture *fixture = *state;
    pid_t pid = start_process(fixture, "drain: 10m\nlimits.linger_time: 10m\n");
    int fd = connect_link(fixture);

    assert_int_equal(kill(pid, SIGINT), 0);
    wait_for_log(fixture, "signal=INT");
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(exit_code(pid), SERVER_KILLED);
    assert_true(log_has(fixture, "server.killed"));
    close(fd);
}

#define SERVER_TEST(function) cmocka_unit_test_setup_teardown(function, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(it_starts_serves_and_stops),
        SERVER_TEST(links_are_closed_with_1001),
        SERVER_TEST(the_data_directory_tells_the_ports_while_it_runs),
        SERVER_TEST(a_second_server_is_refused_the_same_directory),
        SERVER_TEST(a_port_in_use_is_told_and_nothing_stays),
        SERVER_TEST(a_reload_takes_over_what_it_can_and_names_the_rest),
        SERVER_TEST(a_reload_with_a_mistake_changes_nothing),
        SERVER_TEST(a_mistake_in_the_file_is_told_with_its_line),
        SERVER_TEST(the_drain_time_bounds_a_stop),
        SERVER_TEST(a_second_signal_ends_it_at_once),
    };

    if (crypto_init())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
