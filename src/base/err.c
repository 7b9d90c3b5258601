#include "base/err.h"

#include <stddef.h>

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
