#include "server/command_line.h"

#include <stdio.h>

static void complain(const char *file, const struct problem *problem)
{
    if (problem->line > 0)
        fprintf(stderr, "%s:%zu: %s\n", file, problem->line, problem->text);
    else
        fprintf(stderr, "switchyard: %s\n", problem->text);
}

enum err command_line_parse(int argc, char *const *argv, const struct environment *environment,
                            struct command_line *out)
{
    struct problem problem;
    enum err err = flags_parse(argc, argv, &problem, &out->flags);

    if (err) {
        complain(NULL, &problem);
        return err;
    }
    out->environment = *environment;
    out->file = out->flags.config;
    if (out->file == NULL)
        out->file = environment_find(environment, "SWITCHYARD_CONFIG");
    return ERR_NONE;
}

enum err command_line_load(const struct command_line *line, struct config **out)
{
    struct config_inputs inputs = {
        .file = line->file, .environment = &line->environment, .flags = &line->flags};
    struct problem problem;
    enum err err = config_load(&inputs, &problem, out);

    if (err)
        complain(line->file, &problem);
    return err;
}
