#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const texts[] = {
#define ERR(name, text) text,
#include "base/err.def"
#undef ERR
};

const char *err_text(enum err err)
{
    size_t index = (size_t)err;

    return index < sizeof texts / sizeof *texts ? texts[index] : "unknown error";
}

enum err problem_set(struct problem *problem, enum err err, size_t line, const char *format, ...)
{
    va_list args;

    if (problem == NULL)
        return err;
    problem->err = err;
    problem->line = line;
    va_start(args, format);
    vsnprintf(problem->text, sizeof problem->text, format, args);
    va_end(args);
    return err;
}
