#include "conn_fixture.h"

#include "loopback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

size_t conn_fixture_on_data(void *ctx, struct conn *conn, char *data, size_t len)
{
    struct conn_fixture *fixture = ctx;
    size_t used = len;

    assert_int_equal(fixture->closed, 0);
    fixture->calls++;
    fixture->last_len = len;
    if (fixture->consumes != EVERYTHING && (size_t)fixture->consumes < len)
        used = (size_t)fixture->consumes;
    buf_append(&fixture->got, (struct str){data, used});
    memset(data, '?', used); /* may be changed in place */
    if (fixture->answer.len > 0)
        conn_send(conn, buf_str(&fixture->answer));
    if (fixture->pauses)
        conn_pause(conn);
    if (fixture->closes)
        conn_close(conn);
    if (fixture->aborts)
        conn_abort(conn);
    return used;
}

void conn_fixture_on_close(void *ctx, struct conn *conn, enum conn_end end)
{
    struct conn_fixture *fixture = ctx;

    assert_ptr_equal(conn, fixture->conn);
    fixture->closed++;
    fixture->end = end;
    fixture->conn = NULL;
}

void conn_fixture_on_open(void *ctx, struct conn *conn)
{
    struct conn_fixture *fixture = ctx;

    (void)conn;
    fixture->opened++;
}

struct conn_fixture *conn_fixture_new(struct transport *transport)
{
    static const struct conn_handler handler = {
        .on_data = conn_fixture_on_data,
        .on_close = conn_fixture_on_close,
        .on_open = conn_fixture_on_open,
    };
    struct conn_fixture *fixture = calloc(1, sizeof *fixture);
    int ours;

    fixture->loop = loop_new();
    fixture->consumes = EVERYTHING;
    fixture->config = (struct conn_config){
        .max_input = MAX_INPUT,
        .max_queued = MAX_QUEUED,
        .handshake_ms = 60000,
        .linger_ms = 60000,
        .metrics = metric_set_new(),
    };
    loopback_pair(&ours, &fixture->peer);
    fixture->conn = conn_new(fixture->loop, ours, transport, &fixture->config);
    conn_set_handler(fixture->conn, &handler, fixture);
    return fixture;
}

void conn_fixture_free(struct conn_fixture *fixture)
{
    if (fixture->conn != NULL)
        conn_abort(fixture->conn);
    loop_free(fixture->loop);
    assert_int_equal(fixture->closed, 1);
    assert_int_equal(conn_fixture_metric(fixture, METRIC_CONN_OPEN), 0);
    if (fixture->peer >= 0)
        close(fixture->peer);
    buf_free(&fixture->got);
    buf_free(&fixture->answer);
    metric_set_free(fixture->config.metrics);
    free(fixture);
}

int64_t conn_fixture_metric(struct conn_fixture *fixture, enum metric metric)
{
    return metric_total(&fixture->config.metrics, 1, metric);
}

void conn_fixture_run_until_got(struct conn_fixture *fixture, size_t len)
{
    uint64_t end_us = loop_clock_us() + UINT64_C(20000000);

    while (fixture->got.len < len && loop_clock_us() < end_us)
        loop_turn(fixture->loop, 100);
    assert_int_equal(fixture->got.len, len);
}

void conn_fixture_assert_got(struct conn_fixture *fixture, const char *bytes, size_t len)
{
    conn_fixture_run_until_got(fixture, len);
    assert_memory_equal(fixture->got.ptr, bytes, len);
}

char *conn_fixture_pattern(size_t len)
{
    char *bytes = malloc(len);

    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)('a' + (i * 7 + i / 251) % 26);
    return bytes;
}
