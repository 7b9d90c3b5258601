#include "server/command_line.h"

#include <stdio.h>

enum err command_line_parse(int argc, char *const *argv, const struct environment *environment,
                            struct command_line *out)
{
    struct problem problem;
    enum err err = flags_parse(argc, argv, &problem, &out->flags);

    if (err) {
        fprintf(stderr, "switchyard: %s\n", problem.text);
        return err;
    }
    out->environment = *environment;
    out->file = out->flags.config;
    if (out->file == NULL)
        out->file = environment_find(environment, "SWITCHYARD_CONFIG");
    return ERR_NONE;
}

struct config_inputs command_line_inputs(const struct command_line *line)
{
    return (struct config_inputs){
        .file = line->file, .environment = &line->environment, .flags = &line->flags};
}

enum err command_line_load(const struct command_line *line, struct config **out)
{
    struct config_inputs inputs = command_line_inputs(line);
    struct problem problem;
    enum err err = config_load(&inputs, &problem, out);

    if (err)
        command_line_complain(line, &problem);
    return err;
}

void command_line_complain(const struct command_line *line, const struct problem *problem)
{
    if (problem->line > 0)
        fprintf(stderr, "%s:%zu: %s\n", line->file, problem->line, problem->text);
    else
        fprintf(stderr, "switchyard: %s\n", problem->text);
}
