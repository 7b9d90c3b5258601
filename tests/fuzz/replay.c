/*
 * replay - runs a fuzz target over every file of the folders given, without libFuzzer.
 *
 * So the seed corpus, and each input that once made a target fail, is an ordinary test.
 */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The block has exactly the file's size, so that a sanitizer sees a read past its end. */
static bool replay_stream(FILE *file, size_t size)
{
    uint8_t *data = malloc(size == 0 ? 1 : size);
    bool is_read = data != NULL && fread(data, 1, size, file) == size;

    if (is_read)
        LLVMFuzzerTestOneInput(data, size);
    free(data);
    return is_read;
}

static bool replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat stat;
    bool is_done;

    if (file == NULL)
        return false;
    is_done = fstat(fileno(file), &stat) == 0 && S_ISREG(stat.st_mode) &&
              replay_stream(file, (size_t)stat.st_size);
    fclose(file);
    return is_done;
}

/* How many files were replayed; -1, with a message, when one can't be. */
static long replay_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    long count = 0;

    if (dir == NULL) {
        fprintf(stderr, "%s: %s\n", folder, strerror(errno));
        return -1;
    }
    while (count >= 0 && (entry = readdir(dir)) != NULL) {
        char path[4096];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        count = replay_file(path) ? count + 1 : -1;
        if (count < 0)
            fprintf(stderr, "%s: can not be read\n", path);
    }
    closedir(dir);
    return count;
}

int main(int argc, char **argv)
{
    long total = 0;

    for (int i = 1; i < argc; i++) {
        long count = replay_folder(argv[i]);

        if (count < 0)
            return EXIT_FAILURE;
        total += count;
    }
    printf("%ld inputs replayed\n", total);
    if (total == 0) {
        fputs("no input found\n", stderr);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
