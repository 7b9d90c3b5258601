/*
 * option - the table of the server's options, and the names each goes by.
 *
 * option.def is the one list. An option is called by its path in the file (listen.tls), by a flag
 * (--listen-tls) and by an environment variable (SWITCHYARD_LISTEN_TLS). Constant data and pure
 * functions, any thread.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {
    OPTION_STRING,
    OPTION_INT,
    OPTION_BOOL,
    OPTION_DURATION,
    OPTION_SIZE,
    OPTION_ADDRESSES,
    OPTION_TEXTS,
    OPTION_CERTIFICATES,
    OPTION_LEVEL,
    OPTION_FORM,
    OPTION_PROXY,
    OPTION_SENDER,
    OPTION_SESSIONS,
    OPTION_SIGN_INS,
    OPTION_TYPES,
};

enum option_reload { OPTION_FIXED, OPTION_RELOADS };

struct option {
    const char *path;
    enum option_type type;
    const char *initial; /* as it would stand in the environment */
    uint64_t low;        /* see option.def */
    uint64_t high;
    enum option_reload reload; /* what SIGHUP does with it */
    const char *help;
    size_t offset; /* of the value in struct config */
};

enum {
    OPTION_COUNT = 0
#define OPTION(...) +1
#include "server/option.def"
#undef OPTION
    ,
    OPTION_NAME_CAP = 64,
};

#define OPTION_ENV_PREFIX "SWITCHYARD_"

/* In the order of the table; index < OPTION_COUNT. */
const struct option *option_at(size_t index);
size_t option_index(const struct option *option);

/* By path, by flag (without its dashes) or by variable; NULL when there is none. */
const struct option *option_find(struct str path);
const struct option *option_find_flag(struct str flag);
const struct option *option_find_env(struct str name);

/* "listen-tls" and "SWITCHYARD_LISTEN_TLS"; both return out. */
const char *option_flag(const struct option *option, char out[OPTION_NAME_CAP]);
const char *option_env(const struct option *option, char out[OPTION_NAME_CAP]);

/* The part of the path ahead of its last dot; empty for an option that stands alone. */
struct str option_section(const struct option *option);
/* The first option of a section, or NULL when no option has it. */
const struct option *option_section_find(struct str section);

/* The path nearest to a mistyped one, or NULL when nothing is near. */
const char *option_nearest(struct str path);
/* Likewise a section; false when nothing is near. */
MUST_USE bool option_section_nearest(struct str word, char out[OPTION_NAME_CAP]);
