/*
 * log - one line per event: time, level, fixed event name, then key=value pairs; or JSON.
 *
 *     log_info(log, "device.online", "device=%s node=%s", id, node);
 *
 *     2026-01-01T00:00:00.000Z info device.online device=1000 node=a
 *     {"time":"2026-...","level":"info","event":"device.online","device":"1000","node":"a"}
 *
 * Values with a space, quote or control byte must be written with log_quote(). What is not a pair
 * ends the pairs; JSON calls the rest "text". Lines are cut at LOG_BODY_CAP. No secret, no payload
 * above debug. Any thread; a line is one write().
 */
#pragma once

#include "base/attr.h"
#include "base/str.h"

#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_form { LOG_TEXT, LOG_JSON };
enum { LOG_BODY_CAP = 1024 };

const char *log_level_name(enum log_level level);
MUST_USE bool log_level_parse(struct str name, enum log_level *out);

struct log; /* where lines go and which; shared by all threads */

/*
 * fd is borrowed; a file's must be open with O_APPEND, or threads overwrite each other's lines.
 * Lines of one event name beyond `per_second` are not written but counted; the count follows as a
 * line log.suppressed with the first line after that second, or when the log is freed. 0 means no
 * limit.
 */
struct log *log_new(int fd, enum log_level level, enum log_form form, unsigned per_second);
void log_free(struct log *log); /* accepts NULL */

void log_set_level(struct log *log, enum log_level level); /* any thread, at once */
bool log_is_on(const struct log *log, enum log_level level);

/* NULL log: nothing happens, so that tests and tools may go without. */
void log_error(struct log *log, const char *event, const char *format, ...) PRINTF_LIKE(3, 4);
void log_warn(struct log *log, const char *event, const char *format, ...) PRINTF_LIKE(3, 4);
void log_info(struct log *log, const char *event, const char *format, ...) PRINTF_LIKE(3, 4);
void log_debug(struct log *log, const char *event, const char *format, ...) PRINTF_LIKE(3, 4);

/*
 * Peer text made fit for a value: quoted like a JSON string where it must be, cut to cap (at least
 * 3); returns out.
 */
const char *log_quote(struct str text, char *out, size_t cap);
