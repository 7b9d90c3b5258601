#include "server/serve_command.h"

#include "server/command_line.h"
#include "server/config_print.h"
#include "server/server.h"

#include <stdio.h>
#include <unistd.h>

enum { CODE_OK = 0, CODE_FAILED = 1, CODE_USAGE = 2 };

static const char usage[] =
    "usage: switchyard serve [--config FILE] [flags]\n"
    "\n"
    "Runs the server in the foreground and logs to stderr. SIGTERM and SIGINT stop it in order (a\n"
    "second one at once); SIGHUP reads the certificates, and the options that can change while it\n"
    "runs, again. The flags, with their defaults:\n"
    "\n";

static int help(void)
{
    struct buf text = BUF_EMPTY;

    config_print_flags(&text);
    fputs(usage, stdout);
    fwrite(text.ptr, 1, text.len, stdout);
    buf_free(&text);
    return CODE_OK;
}

static int run(const struct command_line *line)
{
    const struct server_config config = {.inputs = command_line_inputs(line),
                                         .log_fd = STDERR_FILENO};
    struct problem problem = {.line = 0};
    struct server *server;

    if (server_open(&config, &problem, &server)) {
        command_line_complain(line, &problem);
        return CODE_FAILED;
    }
    if (server_run(server) == SERVER_KILLED)
        _exit(CODE_FAILED); /* at once: nothing is freed or waited for */
    server_close(server);
    return CODE_OK;
}

int serve_command(int argc, char *const *argv, const struct environment *environment)
{
    struct command_line line;

    if (command_line_parse(argc - 1, argv + 1, environment, &line))
        return CODE_USAGE;
    if (line.flags.help)
        return help();
    return run(&line);
}
