/*
 * ctl_run - runs `switchyard ctl` words in a child process against a whole admin (admin_rig), and
 * gives what it wrote and how it ended.
 */
#pragma once

#include "admin_rig.h"

#include <stddef.h>

struct ctl_run {
    char out[64 * 1024];
    char err[16 * 1024];
    int status; /* what ctl_main() returned */
};

/* input: for its stdin, may be NULL. words: ends in NULL, without "ctl"; --socket is put ahead. */
void ctl_run(struct admin_rig *rig, const char *input, const char *const *words,
             struct ctl_run *run);
