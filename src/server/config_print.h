/*
 * config_print - the texts made from the table of options: the sample file, the manual, the help.
 *
 * All append to a buf. Pure functions, any thread.
 */
#pragma once

#include "base/buf.h"
#include "server/config.h"

/* A configuration file with every option at its default and its help as a comment. */
void config_print_defaults(struct buf *out);

/* Every option's value with where it comes from; itself a configuration file. `file` is what the
 * configuration was read from, or NULL. */
void config_print_values(const struct config *config, const char *file, struct buf *out);

/* docs/options.md. */
void config_print_manual(struct buf *out);

/* The flags, for --help. */
void config_print_flags(struct buf *out);
