#include "bench/bench_cpu.h"

#include "base/str.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_CAP = 96, TEXT_CAP = 1024, UTIME_FIELD = 14, US_PER_S = 1000000 };

static bool read_text(const char *path, char out[TEXT_CAP])
{
    FILE *file = fopen(path, "re");
    size_t len;

    if (file == NULL)
        return false;
    len = fread(out, 1, TEXT_CAP - 1, file);
    fclose(file);
    out[len] = '\0';
    return len > 0;
}

/* The first number of /proc/PID/task/TID/schedstat: nanoseconds on a processor. */
static uint64_t thread_ns(uint64_t pid, const char *tid)
{
    char path[PATH_CAP];
    char text[TEXT_CAP];
    uint64_t ns = 0;

    snprintf(path, sizeof path, "/proc/%" PRIu64 "/task/%.20s/schedstat", pid, tid);
    if (!read_text(path, text) || sscanf(text, "%" SCNu64, &ns) != 1)
        return 0;
    return ns;
}

static enum err read_threads(uint64_t pid, struct bench_cpu *out)
{
    char path[PATH_CAP];
    struct dirent *entry;
    uint64_t ns = 0;
    DIR *tasks;

    snprintf(path, sizeof path, "/proc/%" PRIu64 "/task", pid);
    tasks = opendir(path);
    if (tasks == NULL)
        return ERR_NOT_FOUND;
    while ((entry = readdir(tasks)) != NULL) {
        if (entry->d_name[0] != '.')
            ns += thread_ns(pid, entry->d_name);
    }
    closedir(tasks);
    out->total_us = ns / 1000;
    return ERR_NONE;
}

/* utime and stime stand behind the program's name, which may hold anything but ends with ')'. */
static enum err read_ticks(uint64_t pid, struct bench_cpu *out)
{
    char path[PATH_CAP];
    char text[TEXT_CAP];
    uint64_t per_second = (uint64_t)sysconf(_SC_CLK_TCK);
    uint64_t ticks[2] = {0, 0};
    struct str rest;
    struct str word;

    snprintf(path, sizeof path, "/proc/%" PRIu64 "/stat", pid);
    if (!read_text(path, text) || strrchr(text, ')') == NULL)
        return ERR_NOT_FOUND;
    rest = str_of(strrchr(text, ')') + 2);
    for (int field = 3; field < UTIME_FIELD + 2; field++) {
        if (!str_split(&rest, ' ', &word))
            return ERR_INVALID;
        if (field >= UTIME_FIELD && !str_to_u64(word, &ticks[field - UTIME_FIELD]))
            return ERR_INVALID;
    }
    out->user_us = ticks[0] * US_PER_S / per_second;
    out->system_us = ticks[1] * US_PER_S / per_second;
    return ERR_NONE;
}

enum err bench_cpu_read(uint64_t pid, struct bench_cpu *out)
{
    struct bench_cpu cpu = {0};
    enum err err = read_threads(pid, &cpu);

    if (!err)
        err = read_ticks(pid, &cpu);
    if (!err)
        *out = cpu;
    return err;
}

enum err bench_cpu_read_rss(uint64_t pid, uint64_t *kb)
{
    char path[PATH_CAP];
    char text[TEXT_CAP];
    const char *line;

    snprintf(path, sizeof path, "/proc/%" PRIu64 "/smaps_rollup", pid);
    if (!read_text(path, text))
        return ERR_NOT_FOUND;
    line = strstr(text, "\nRss:");
    if (line == NULL || sscanf(line, " Rss: %" SCNu64, kb) != 1)
        return ERR_INVALID;
    return ERR_NONE;
}
