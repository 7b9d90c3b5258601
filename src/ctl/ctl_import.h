/*
 * ctl_import - `device import`: checks a CSV file, then sends it in batches.
 */
#pragma once

#include "ctl/ctl.h"
#include "ctl/ctl_channel.h"
#include "ctl/ctl_line.h"

#include <stdio.h>

/* Where it speaks. */
struct ctl_import_streams {
    FILE *out;
    FILE *err;
    bool is_live; /* err is a terminal: progress rewrites one line */
};

/*
 * Reads `file` ("-": standard input) and checks its form; CTL_USAGE with the lines that are wrong,
 * before anything is sent. Then imports over the channel; at the first batch that is refused it
 * stops and says what is in and what is not.
 */
struct ctl_import;
enum ctl_exit ctl_import_open(const char *file, const struct ctl_import_streams *streams,
                              struct ctl_import **out);
enum ctl_exit ctl_import_run(struct ctl_import *import, struct ctl_channel *channel,
                             const struct ctl_line *line);
void ctl_import_close(struct ctl_import *import); /* accepts NULL */
