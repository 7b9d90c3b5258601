/* main - the program's verbs. */
#include "base/crypto.h"
#include "base/nearest.h"
#include "bench/bench.h"
#include "ctl/ctl.h"
#include "ctl/ctl_cert.h"
#include "ctl/pair.h"
#include "ctl/simulate.h"
#include "server/config_command.h"
#include "server/serve_command.h"
#include "server/version.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { EXIT_USAGE = 2 };

static const char usage[] =
    "Switchyard tells IoT clients where to connect, and is what they stay connected to.\n"
    "\n"
    "  switchyard serve      runs the server: dispatch and gateway\n"
    "  switchyard ctl        tells a running server what to do: apps, users, devices, tokens\n"
    "  switchyard cert       makes a private CA and certificates for the server\n"
    "  switchyard pair       points a device in pairing mode at a server\n"
    "  switchyard simulate   plays devices and apps that talk to a server\n"
    "  switchyard bench      loads a server and says what an operation costs it\n"
    "  switchyard config     checks, shows and explains the configuration\n"
    "  switchyard version    which build this is\n"
    "\n"
    "Each takes --help. To begin:\n"
    "\n"
    "  switchyard serve --data ./data          (in one terminal; makes what it needs)\n"
    "  switchyard ctl status                   (in another)\n"
    "  switchyard ctl app create --help\n"
    "\n"
    "Options may stand in a file (switchyard config defaults > switchyard.yaml), in the\n"
    "environment (SWITCHYARD_LISTEN_TLS=*:8443) and in flags (--listen-tls '*:8443').\n";

static int run_ctl(int argc, char **argv, const struct environment *environment)
{
    const char *path = environment_find(environment, "SWITCHYARD_CONTROL");

    return ctl_main(argc, argv, path);
}

static int run_cert(int argc, char **argv, const struct environment *environment)
{
    (void)environment;
    return ctl_cert_main(argc, argv);
}

static int run_pair(int argc, char **argv, const struct environment *environment)
{
    const char *path = environment_find(environment, "SWITCHYARD_CONTROL");

    return pair_main(argc, argv, path);
}

static int run_bench(int argc, char **argv, const struct environment *environment)
{
    (void)environment;
    return bench_main(argc, argv);
}

static int run_simulate(int argc, char **argv, const struct environment *environment)
{
    (void)environment;
    return simulate_main(argc, argv);
}

static int run_config(int argc, char **argv, const struct environment *environment)
{
    return config_command(argc, argv, environment);
}

static int run_serve(int argc, char **argv, const struct environment *environment)
{
    return serve_command(argc, argv, environment);
}

static int run_version(int argc, char **argv, const struct environment *environment)
{
    (void)argc;
    (void)argv;
    (void)environment;
    printf("switchyard %s\n", version_text());
    return 0;
}

static const struct verb {
    const char *name;
    int (*run)(int argc, char **argv, const struct environment *environment);
} verbs[] = {
    {"serve", run_serve},   {"ctl", run_ctl},           {"cert", run_cert},
    {"pair", run_pair},     {"simulate", run_simulate}, {"bench", run_bench},
    {"config", run_config}, {"version", run_version},
};

enum { VERBS = sizeof verbs / sizeof verbs[0] };

static int unknown_verb(const char *word)
{
    const char *names[VERBS];
    char hint[NEAREST_HINT_CAP];

    for (size_t i = 0; i < VERBS; i++)
        names[i] = verbs[i].name;
    nearest_hint(word, names, VERBS, hint);
    fprintf(stderr, "switchyard: no verb \"%s\"%s\n%s", word, hint, hint[0] == '\0' ? usage : "");
    return EXIT_USAGE;
}

static bool is_word(const char *word, const char *one, const char *other)
{
    return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

int main(int argc, char **argv)
{
    struct environment environment = environment_process();

    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (is_word(argv[1], "--help", "-h") || is_word(argv[1], "help", "help")) {
        fputs(usage, stdout);
        return 0;
    }
    if (is_word(argv[1], "--version", "-V"))
        return run_version(argc, argv, &environment);
    if (crypto_init()) {
        fprintf(stderr, "switchyard: no source of randomness\n");
        return 1;
    }
    for (size_t i = 0; i < VERBS; i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return verbs[i].run(argc - 1, argv + 1, &environment);
    return unknown_verb(argv[1]);
}
