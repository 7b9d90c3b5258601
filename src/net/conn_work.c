#include "base/alloc.h"
#include "net/conn_private.h"

#include <stdlib.h>

struct conn_work *conn_work(struct conn *conn)
{
    if (conn->work == NULL) {
        conn->work = alloc_zero(sizeof *conn->work);
        conn->work->conn = conn;
    }
    return conn->work;
}

void conn_work_end(struct conn *conn)
{
    struct conn_work *work = conn->work;

    if (work == NULL || conn->is_moving || timer_is_started(&work->timer) ||
        loop_task_is_queued(&work->step) || work->kept.len > 0 || work->wire.len > 0)
        return;
    buf_free(&work->kept);
    buf_free(&work->wire);
    free(work);
    conn->work = NULL;
}

size_t conn_work_kept(const struct conn *conn)
{
    return conn->work == NULL ? 0 : conn->work->kept.len;
}

size_t conn_work_wire(const struct conn *conn)
{
    return conn->work == NULL ? 0 : conn->work->wire.len;
}
