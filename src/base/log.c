#include "base/log.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/json_out.h"
#include "base/utf8.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 64, EVENT_CAP = 48, KEY_CAP = 32 };

/* How often an event came in the current second. */
struct tally {
    char event[EVENT_CAP];
    unsigned count;
};

/*
 * The tallies start anew with each second, so a full table (events that come after it share the
 * last tally) means more than EVENTS different events within one.
 */
struct log {
    int fd;
    enum log_form form;
    unsigned per_second;
    _Atomic(enum log_level) level;
    pthread_mutex_t mutex; /* guards what follows */
    int64_t second;
    size_t used;
    struct tally tallies[EVENTS];
};

struct entry {
    int64_t wall_ms;
    enum log_level level;
    const char *event;
    struct str body;
};

static const char *const names[] = {"error", "warn", "info", "debug"};

const char *log_level_name(enum log_level level)
{
    assert((size_t)level < sizeof names / sizeof *names);
    return names[level];
}

bool log_level_parse(struct str name, enum log_level *out)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_eq(name, str_of(names[i]))) {
            *out = (enum log_level)i;
            return true;
        }
    }
    return false;
}

struct log *log_new(int fd, enum log_level level, enum log_form form, unsigned per_second)
{
    struct log *log = alloc_zero(sizeof *log);

    log->fd = fd;
    log->form = form;
    log->per_second = per_second;
    atomic_init(&log->level, level);
    pthread_mutex_init(&log->mutex, NULL);
    return log;
}

void log_set_level(struct log *log, enum log_level level)
{
    atomic_store_explicit(&log->level, level, memory_order_relaxed);
}

bool log_is_on(const struct log *log, enum log_level level)
{
    return log != NULL && level <= atomic_load_explicit(&log->level, memory_order_relaxed);
}

static bool is_key_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '.' || byte == '-';
}

/* The length of a value: a JSON string to its closing quote, anything else to the next space. */
static size_t value_len(struct str text)
{
    size_t len = 1;

    if (text.len == 0 || text.ptr[0] != '"')
        return str_find(text, ' ');
    while (len < text.len && text.ptr[len] != '"')
        len += text.ptr[len] == '\\' ? 2 : 1;
    len = len < text.len ? len + 1 : text.len;
    return len + str_find(str_sub(text, len, text.len), ' ');
}

/* Takes "key=value" and the space behind it off the front; false when that is not what is there. */
static bool take_pair(struct str *rest, char key[KEY_CAP], struct str *value)
{
    size_t key_len = 0;

    while (key_len < rest->len && is_key_byte(rest->ptr[key_len]))
        key_len++;
    if (key_len == 0 || key_len == rest->len || rest->ptr[key_len] != '=')
        return false;
    if (!str_copy(str_sub(*rest, 0, key_len), key, KEY_CAP))
        return false;
    *rest = str_sub(*rest, key_len + 1, rest->len);
    *value = str_sub(*rest, 0, value_len(*rest));
    *rest = str_sub(*rest, value->len + 1, rest->len);
    return true;
}

static void put_value(struct json_out *out, const char *key, struct str value)
{
    struct json_value scanned;

    /* White space round the string, which JSON allows, is content here. */
    if (json_scan(value, &scanned) == ERR_NONE && scanned.kind == JSON_STRING &&
        scanned.raw.len == value.len)
        json_out_raw(out, key, value);
    else
        json_out_str(out, key, value);
}

static void format_json(const struct entry *entry, const char *time, struct buf *line)
{
    struct json_out out = json_out_to(line);
    struct str rest = entry->body;
    char key[KEY_CAP];
    struct str value;

    json_out_object(&out, NULL);
    json_out_str(&out, "time", str_of(time));
    json_out_str(&out, "level", str_of(log_level_name(entry->level)));
    json_out_str(&out, "event", str_of(entry->event));
    while (take_pair(&rest, key, &value))
        put_value(&out, key, value);
    if (rest.len > 0)
        json_out_str(&out, "text", rest);
    json_out_end_object(&out);
}

static void format_text(const struct entry *entry, const char *time, struct buf *line)
{
    buf_printf(line, "%s %s %s", time, log_level_name(entry->level), entry->event);
    if (entry->body.len > 0)
        buf_append_byte(line, ' ');
    buf_append(line, entry->body);
    /* What slipped past log_quote() must not forge a line, nor command a terminal. */
    for (size_t i = 0; i < line->len; i++) {
        if ((unsigned char)line->ptr[i] < 0x20 || line->ptr[i] == 0x7f)
            line->ptr[i] = '?';
    }
}

static void write_entry(const struct log *log, const struct entry *entry)
{
    struct buf line = BUF_EMPTY;
    char time[CLOCK_ISO_CAP];

    clock_format_iso(entry->wall_ms, time);
    if (log->form == LOG_JSON)
        format_json(entry, time, &line);
    else
        format_text(entry, time, &line);
    buf_append_byte(&line, '\n');
    /* A log that can't be written has nobody to tell. */
    while (write(log->fd, line.ptr, line.len) < 0 && errno == EINTR)
        continue;
    buf_free(&line);
}

/* Reports what was suppressed since the tallies began, and begins anew. */
static void end_second(struct log *log, int64_t wall_ms)
{
    for (struct tally *tally = log->tallies; tally < log->tallies + log->used; tally++) {
        char body[EVENT_CAP + 40];
        int len;

        if (tally->count <= log->per_second)
            continue;
        len = snprintf(body, sizeof body, "event=%s count=%u", tally->event,
                       tally->count - log->per_second);
        write_entry(log, &(struct entry){wall_ms, LOG_WARN, "log.suppressed",
                                         (struct str){body, (size_t)len}});
    }
    log->used = 0;
}

static struct tally *tally_for(struct log *log, const char *event)
{
    struct tally *tally = log->tallies;

    while (tally < log->tallies + log->used && strncmp(tally->event, event, EVENT_CAP - 1) != 0)
        tally++;
    if (tally == log->tallies + EVENTS)
        return tally - 1;
    if (tally == log->tallies + log->used) {
        log->used++;
        str_copy(str_sub(str_of(event), 0, EVENT_CAP - 1), tally->event, EVENT_CAP);
        tally->count = 0;
    }
    return tally;
}

static bool may_write(struct log *log, const struct entry *entry)
{
    const int64_t second = entry->wall_ms / 1000;
    bool may;

    if (log->per_second == 0)
        return true;
    pthread_mutex_lock(&log->mutex);
    if (second != log->second) {
        end_second(log, entry->wall_ms);
        log->second = second;
    }
    may = tally_for(log, entry->event)->count++ < log->per_second;
    pthread_mutex_unlock(&log->mutex);
    return may;
}

/*
 * The log reads the clock itself, against law five: its callers stand in every layer and thread,
 * and a line must tell when it was written, not when the loop's turn began.
 */
static int64_t wall_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void log_free(struct log *log)
{
    if (log == NULL)
        return;
    end_second(log, wall_now_ms());
    pthread_mutex_destroy(&log->mutex);
    free(log);
}

static void log_args(struct log *log, struct entry entry, const char *format, va_list args)
    PRINTF_LIKE(3, 0);

static void log_args(struct log *log, struct entry entry, const char *format, va_list args)
{
    char body[LOG_BODY_CAP];

    entry.wall_ms = wall_now_ms();
    if (!may_write(log, &entry))
        return;
    vsnprintf(body, sizeof body, format, args);
    entry.body = str_of(body);
    write_entry(log, &entry);
}

void log_error(struct log *log, const char *event, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (log_is_on(log, LOG_ERROR))
        log_args(log, (struct entry){.level = LOG_ERROR, .event = event}, format, args);
    va_end(args);
}

void log_warn(struct log *log, const char *event, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (log_is_on(log, LOG_WARN))
        log_args(log, (struct entry){.level = LOG_WARN, .event = event}, format, args);
    va_end(args);
}

void log_info(struct log *log, const char *event, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (log_is_on(log, LOG_INFO))
        log_args(log, (struct entry){.level = LOG_INFO, .event = event}, format, args);
    va_end(args);
}

void log_debug(struct log *log, const char *event, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (log_is_on(log, LOG_DEBUG))
        log_args(log, (struct entry){.level = LOG_DEBUG, .event = event}, format, args);
    va_end(args);
}

static bool is_bare(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.ptr[i];

        if (byte <= ' ' || byte > '~' || byte == '"' || byte == '\\')
            return false;
    }
    return text.len > 0;
}

/* Takes one character off the front; how it stands in a quoted value, in out[8]. */
static struct str take_quoted(struct str *text, char out[8])
{
    bool is_valid;
    size_t len = utf8_char(text->ptr, text->len, &is_valid);
    struct str one = str_sub(*text, 0, len);
    unsigned char last = (unsigned char)one.ptr[len - 1];

    *text = str_sub(*text, len, text->len);
    if (!is_valid)
        return STR("\xef\xbf\xbd");
    if (last == '"' || last == '\\') {
        out[0] = '\\';
        out[1] = (char)last;
        return (struct str){out, 2};
    }
    /* Controls are of one byte, or of two that start with C2 (U+0080 to U+009F). */
    if (last < 0x20 || last == 0x7f || (len == 2 && one.ptr[0] == '\xc2' && last < 0xa0)) {
        snprintf(out, 8, "\\u%04x", last);
        return (struct str){out, 6};
    }
    return one;
}

const char *log_quote(struct str text, char *out, size_t cap)
{
    size_t len = 0;
    char scratch[8];

    assert(cap >= 3);
    if (is_bare(text)) {
        str_copy(str_sub(text, 0, cap - 1), out, cap);
        return out;
    }
    out[len++] = '"';
    while (text.len > 0) {
        struct str next = take_quoted(&text, scratch);

        if (next.len > cap - 2 - len)
            break;
        memcpy(out + len, next.ptr, next.len);
        len += next.len;
    }
    out[len++] = '"';
    out[len] = '\0';
    return out;
}
