/*
 * config - the server's configuration: defaults < file < environment < flags.
 *
 * option.def makes the fields. A load succeeds as a whole or changes nothing; whatever is wrong is
 * told with its line, variable or flag, and what is expected there. Relative paths are left as they
 * are: they mean the directory the server was started in. One thread at a time.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/problem.h"
#include "base/str.h"
#include "server/environment.h"
#include "server/flags.h"
#include "server/option.h"
#include "server/option_value.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_origin { CONFIG_DEFAULT, CONFIG_FILE, CONFIG_ENVIRONMENT, CONFIG_FLAG };

/* Where an option's value comes from, and its text as it was given. */
struct config_source {
    enum config_origin origin;
    size_t line; /* with CONFIG_FILE */
    char *text;  /* the items, each NUL-terminated, one behind the other; owned */
    size_t text_len;
};

#define CONFIG_STRING char * /* never NULL */
#define CONFIG_INT uint64_t
#define CONFIG_BOOL bool
#define CONFIG_DURATION uint64_t /* milliseconds */
#define CONFIG_SIZE uint64_t     /* bytes */
#define CONFIG_ADDRESSES struct address_list
#define CONFIG_TEXTS struct text_list
#define CONFIG_CERTIFICATES struct certificate_list
#define CONFIG_LEVEL unsigned    /* of enum log_level */
#define CONFIG_FORM unsigned     /* of enum log_form */
#define CONFIG_PROXY unsigned    /* of enum option_proxy */
#define CONFIG_SENDER unsigned   /* of enum code_way */
#define CONFIG_SESSIONS unsigned /* of enum session_policy */
#define CONFIG_SIGN_INS unsigned /* of enum token_policy */

struct config {
#define OPTION(field, type, ...) CONFIG_##type field;
#include "server/option.def"
#undef OPTION
    struct config_source sources[OPTION_COUNT]; /* by option_index() */
};

/* All at their defaults. */
struct config *config_new(void);
void config_free(struct config *config); /* accepts NULL */

/* One value and where it was found. */
struct config_given {
    const struct option *option;
    struct option_items items; /* as a list, or one scalar */
    enum config_origin origin;
    size_t line;
};

/* Sets one option; a bad value leaves the old one and fills *problem. */
MUST_USE enum err config_set(struct config *config, const struct config_given *given,
                             struct problem *problem);
/* As config_set() with the text of a flag or variable, which a list splits at its commas. */
MUST_USE enum err config_set_text(struct config *config, struct config_given *given,
                                  struct str text, struct problem *problem);

struct config_inputs {
    const char *file; /* NULL: none */
    const struct environment *environment;
    const struct flags *flags;
};

/* problem->line is of the file; when it is 0 the text says where. */
MUST_USE enum err config_load(const struct config_inputs *inputs, struct problem *problem,
                              struct config **out);

/* The items of an option as they were given. */
void config_items(const struct config *config, const struct option *option,
                  struct option_items *out);
/* Two configurations say the same of an option. */
bool config_is_same(const struct config *a, const struct config *b, const struct option *option);

/* The path that `ctl` and the server agree on: what is configured, or `name` in the data
 * directory; returns out. */
enum { CONFIG_PATH_CAP = 4096 };
const char *config_path(const struct config *config, const char *configured, const char *name,
                        char out[CONFIG_PATH_CAP]);
