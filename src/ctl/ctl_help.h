/*
 * ctl_help - what `switchyard ctl` tells about itself, made from control_verb.def.
 */
#pragma once

#include "base/buf.h"
#include "ctl/ctl_line.h"

/* Help on a verb, on a group of verbs ("app"), or on all, as far as the line got. */
void ctl_help_format(const struct ctl_line *line, struct buf *out);

/* docs/ctl.md: the same for all verbs, as Markdown. */
void ctl_help_manual(struct buf *out);
