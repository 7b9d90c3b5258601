/*
 * desk - the api behind a real HTTP server on a loopback socket, over a memory store with one app,
 * one user, one device and one token.
 */
#pragma once

#include "api/api.h"
#include "base/buf.h"

#define DESK_TOKEN "b1d576f797ae86d276d366e7b8772ecbacecc18d"
#define DESK_APP "I25m0KljbFfGsTjRc3eTwTEPVwKzsvCF"
#define DESK_DEVICE "100000140e"
#define DESK_KEY "4b21ebbe-8870-4d4a-93f2-7c6cfeff5fea"

struct desk {
    struct loop *loop;
    struct store *store;
    struct access *access;
    struct node_registry *nodes;
    struct metric_set *metrics;
    struct api_config api_config;
    struct api *api;
    struct http_route routes[API_MAX_ROUTES];
    struct http_server *http;
    struct conn_config conn_config;
    struct buf answer;
};

int desk_set_up(void **state);
int desk_tear_down(void **state);

/* From here on at most `max_calls` of the account API are under way at once. */
void desk_limit_calls(struct desk *desk, size_t max_calls);

/* This node announces itself, as told in *node; without it there is none. */
void desk_announce(struct desk *desk, const struct bus_node *node);
/* Opens a connection, sends one request and returns the answer, NUL-terminated. */
const char *desk_ask(struct desk *desk, const char *head, const char *body);
