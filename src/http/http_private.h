/*
 * http_private - what the files of the HTTP server share; for no other.
 *
 * A connection has one exchange at a time, so they are one object: it lives as long as the
 * connection is open here, or an answer is owed, or one of its calls is on the stack.
 *
 *                 first byte             whole request
 *     IDLE ----------------> READING ----------------> ANSWERING ----> IDLE, or CLOSING
 *      | keep_alive_ms          | request_ms              | answer_ms
 *      v                        v                         v
 *     CLOSING (silently)      CLOSING (408)             CLOSING (503)          any --> GONE
 */
#pragma once

#include "base/buf.h"
#include "base/link.h"
#include "http/http_chunked.h"
#include "http/http_date.h"
#include "http/http_server.h"
#include "net/timer.h"

enum http_state {
    HTTP_IDLE,      /* in server->idle */
    HTTP_READING,   /* in server->busy, as all below but the last */
    HTTP_ANSWERING, /* a handler has the request */
    HTTP_CLOSING,   /* the last answer was sent */
    HTTP_GONE,      /* in server->gone: the connection is closed or was given up */
};

struct http_server {
    struct loop *loop;
    struct http_server_config config;
    struct link idle;
    struct link busy;
    struct link gone;
    size_t count; /* in idle and busy */
    bool is_closing;
    struct buf head; /* scratch, empty between calls */
    struct buf body;
    int64_t date_s; /* of date */
    char date[HTTP_DATE_CAP];
};

struct http_exchange {
    struct link link;
    struct http_server *server; /* not with HTTP_GONE: it may be free by then */
    struct conn *conn;          /* NULL with HTTP_GONE */
    struct timer timer;
    enum http_state state;
    bool is_owed;   /* the handler has still to answer, be it too late */
    bool is_called; /* in on_data: not to be freed under its feet */
    /* Of the request being read or answered: */
    bool is_head;
    bool is_old; /* HTTP/1.0 */
    bool keeps_alive;
    bool was_continued; /* 100 was sent */
    size_t need;        /* nothing changes before so many bytes have come */
    struct http_chunked chunked;
};

/* http_exchange.c */
struct http_exchange *http_exchange_new(struct http_server *server, struct conn *conn);
void http_exchange_set_state(struct http_exchange *exchange, enum http_state state);
/* Answers a request that no handler got, or one that could not be read. */
struct http_refusal {
    unsigned status;
    struct str path;    /* empty: of a request that could not be read */
    struct str headers; /* further header lines, as in http_response */
};
void http_exchange_refuse(struct http_exchange *exchange, const struct http_refusal *refusal);
/* Refuses because a time is over; what the peer sends from now on is not read. */
void http_exchange_refuse_late(struct http_exchange *exchange, unsigned status);
void http_exchange_close(struct http_exchange *exchange);
/* The conn is not ours any more. */
void http_exchange_leave(struct http_exchange *exchange);
/* Frees the exchange when nothing holds it. */
void http_exchange_release(struct http_exchange *exchange);

/* http_intake.c: takes requests out of the bytes that have come; returns how many it used up. */
size_t http_intake(struct http_exchange *exchange, char *data, size_t len);
