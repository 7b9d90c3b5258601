/*
 * log - one line per event: time, level, fixed event name, then key=value pairs; or JSON.
 *
 *     log_info(log, "device.online", "device=%s node=%s", id, node);
 *
 * A struct log carries its level, form and prefix, so callers never repeat who they are. Values
 * with a space, quote or control byte must be written with log_quote(). No secret, no payload
 * above debug. Any thread; a line is one write().
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"

#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_form { LOG_TEXT, LOG_JSON };

struct log; /* where lines go and which; shared by all threads */

/* fd is borrowed. Lines more than `per_second` with the same event name are counted, and the count
 * is written when the second ends; 0 means no limit. */
struct log *log_new(int fd, enum log_level level, enum log_form form, unsigned per_second);
void log_free(struct log *log); /* accepts NULL */

void log_set_level(struct log *log, enum log_level level); /* any thread, at once */
bool log_is_on(const struct log *log, enum log_level level);

/* NULL log: nothing happens, so that tests and tools may go without. */
void log_error(struct log *log, const char *event, const char *format, ...) PRINTF_LIKE(3, 4);
void log_warn(struct log *log, const char *event, const char *format, ...) PRINTF_LIKE(3, 4);
void log_info(struct log *log, const char *event, const char *format, ...) PRINTF_LIKE(3, 4);
void log_debug(struct log *log, const char *event, const char *format, ...) PRINTF_LIKE(3, 4);

/* Peer text made fit for a value: quoted where it must be, cut to cap; returns out. */
const char *log_quote(struct str text, char *out, size_t cap);

const char *log_level_name(enum log_level level);
MUST_USE bool log_level_parse(struct str name, enum log_level *out);
