#include "proto/control_refusal.h"

#include <stdarg.h>
#include <stdio.h>

enum err control_refusal_set(struct control_refusal *refusal, enum err err, const char *hint,
                             const char *format, ...)
{
    va_list args;

    refusal->err = err;
    va_start(args, format);
    vsnprintf(refusal->text, sizeof refusal->text, format, args);
    va_end(args);
    snprintf(refusal->hint, sizeof refusal->hint, "%s", hint == NULL ? "" : hint);
    return err;
}
