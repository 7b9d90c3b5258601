/*
 * rest_answer - the envelopes that answers of the account API stand in.
 *
 *     REST_INFO      {"error":400,"info":"..."}       v1; {"error":0, members...} on success
 *     REST_ERRMSG    {"error":400,"errmsg":"..."}     v1: device status and groups
 *     REST_CODE      {"error":400,"code":400,"info":"..."}   v1: adding a GSM device
 *     REST_BARE      as REST_INFO, but no "error" on success   v1: login and what is like it
 *     REST_V2        {"error":400,"msg":"...","data":{}}     v2; members go into data
 *
 * Source: docs/protocol.md, "The account API". Any thread.
 */
#pragma once

#include "base/buf.h"
#include "base/json_out.h"
#include "base/str.h"

enum rest_style { REST_INFO, REST_ERRMSG, REST_CODE, REST_BARE, REST_V2 };

/* A success: members go between begin and end. */
struct json_out rest_answer_begin(struct buf *out, enum rest_style style);
void rest_answer_end(struct json_out *json, enum rest_style style);

/* A whole answer that says why not. */
void rest_answer_refuse(struct buf *out, enum rest_style style, int error, struct str why);

/* The same with members beside the error, as a region hint is: between begin and end. */
struct json_out rest_answer_begin_refusal(struct buf *out, enum rest_style style, int error,
                                          struct str why);
