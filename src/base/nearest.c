#include "base/nearest.h"

#include <stdio.h>
#include <string.h>

enum { FAR = NEAREST_WORD_MAX + 1 };

static char lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

static bool is_same(struct str a, size_t i, struct str b, size_t j)
{
    return lower(a.ptr[i - 1]) == lower(b.ptr[j - 1]);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment; only the last three rows of its table are kept. */
static size_t distance(struct str a, struct str b)
{
    size_t rows[3][NEAREST_WORD_MAX + 1];

    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *above_that = rows[(i + 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            row[j] = least(above[j], row[j - 1]) + 1;
            row[j] = least(row[j], above[j - 1] + !is_same(a, i, b, j));
            if (i > 1 && j > 1 && is_same(a, i, b, j - 1) && is_same(a, i - 1, b, j))
                row[j] = least(row[j], above_that[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

/* A third of the longer one may be wrong, rounded up: "lst" means "list", "cat" not "dog". */
static size_t tolerance(struct str a, struct str b)
{
    size_t len = a.len > b.len ? a.len : b.len;

    return (len + 2) / 3;
}

const char *nearest_name(struct str word, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t best_distance = FAR;

    if (word.len == 0 || word.len > NEAREST_WORD_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        struct str name = str_of(names[i]);
        size_t far;

        if (name.len > NEAREST_WORD_MAX)
            continue;
        far = distance(word, name);
        if (far < best_distance && far <= tolerance(word, name) && far < name.len) {
            best = names[i];
            best_distance = far;
        }
    }
    return best;
}

const char *nearest_hint(const char *word, const char *const *names, size_t count,
                         char out[NEAREST_HINT_CAP])
{
    const char *nearest = nearest_name(str_of(word), names, count);

    out[0] = '\0';
    if (nearest != NULL)
        snprintf(out, NEAREST_HINT_CAP, "; did you mean %s?", nearest);
    return out;
}
