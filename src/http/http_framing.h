/*
 * http_framing - what the headers of a request say about its body and its connection.
 *
 * RFC 9112 sections 6 and 9, RFC 9110 sections 7.2, 7.8 and 10.1.1. Whatever two readers could
 * take for two different bodies is refused. Any thread.
 */
#pragma once

#include "http/http_request.h"

/* Fills the fields of a parsed request that come from its headers. 0, or the status of a refusal.
 */
unsigned http_framing_decide(struct http_request *request, const struct http_limits *limits);
