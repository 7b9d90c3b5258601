#include "base/problem.h"

#include <stdarg.h>
#include <stdio.h>

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
