/*
 * ctl_export - rows of `device export` as CSV (RFC 4180) that `device import` reads. Names are for
 * account holders to choose: none becomes a formula where an operator opens the file.
 *
 * One thread.
 */
#pragma once

#include "base/str.h"

#include <stdbool.h>
#include <stdio.h>

struct ctl_export {
    FILE *file; /* borrowed */
    bool with_keys;
};

/* The header. */
void ctl_export_begin(const struct ctl_export *export);
/* A ctl_row_fn: ctx is the struct ctl_export. */
void ctl_export_row(void *ctx, struct str object);
