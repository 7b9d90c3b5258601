/*
 * ctl - `switchyard ctl ...`: an operator's verbs, sent to the server over its control socket.
 *
 * Prints tables for people, JSON with --json. Blocks; uses stdin, stdout and stderr. Verbs and
 * their options come from proto/control_verb.def, and so does --help.
 */
#pragma once

/* How the program ends; scripts may rely on it. */
enum ctl_exit {
    CTL_OK = 0,
    CTL_REFUSED = 1,     /* the server said no: not found, exists, not valid ... */
    CTL_USAGE = 2,       /* the command line is wrong; nothing was sent */
    CTL_UNREACHABLE = 3, /* no server at the socket, or it went away before it answered */
};

/*
 * argv[0] is "ctl" and the rest the words behind it. socket_path: from the environment
 * (SWITCHYARD_CONTROL), NULL when not set; --socket comes first, then it, then the default places.
 * Returns an enum ctl_exit.
 */
int ctl_main(int argc, char **argv, const char *socket_path);
