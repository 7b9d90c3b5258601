#include "ctl/ctl_cert.h"

#include "base/nearest.h"
#include "base/str.h"
#include "ctl/ctl.h"
#include "net/host_address.h"
#include "tls/tls_make.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_NAMES = 64, MAX_ADDRESSES = 32, HOST_CAP = 256, DEFAULT_DAYS = 825, MAX_DAYS = 36500 };

static const char HELP[] =
    "switchyard cert init [--dir DIR] [--name NAME]... [--days N]\n"
    "\n"
    "Makes a private CA and two server certificates, ECDSA for speed and RSA for old firmware.\n"
    "All names and IP addresses stand in both, so that a client that trusts ca.pem can verify the\n"
    "server whichever it connects to. A CA that is there is used again; server certificates are\n"
    "replaced. A server without tls.certificates needs none of this: it makes its own in its data\n"
    "directory.\n"
    "\n"
    "  --dir DIR    where the files go; made when it is missing (default: tls)\n"
    "  --name NAME  a domain (*.example.com too) or an IP address; may stand several times\n"
    "               (default: this host's name, localhost, 127.0.0.1, ::1 and the addresses of\n"
    "               its network interfaces)\n"
    "  --days N     how long the server certificates are valid (default: 825)\n"
    "  --help       explain\n"
    "\n"
    "Examples:\n"
    "  switchyard cert init\n"
    "  switchyard cert init --dir /etc/switchyard/tls --name iot.example.com --name 192.0.2.7\n"
    "\n"
    "Exit status: 0 done; 1 the files can't be written; 2 wrong command line.\n";

struct command {
    const char *directory;
    struct str names[MAX_NAMES];
    size_t name_count;
    uint64_t days;
    bool wants_help;
    /* Where the default names are. */
    char host[HOST_CAP];
    char addresses[MAX_ADDRESSES][ADDRESS_TEXT_CAP];
};

static bool refuse(const char *what, const char *word)
{
    fprintf(stderr, "switchyard cert: %s '%s'\n  see `switchyard cert init --help`\n", what, word);
    return false;
}

static bool refuse_option(struct str name, const char *word)
{
    static const char *const names[] = {"dir", "name", "days", "help"};
    const char *near = nearest_name(name, names, sizeof names / sizeof *names);

    refuse("no option", word);
    if (near != NULL)
        fprintf(stderr, "  did you mean '--%s'?\n", near);
    return false;
}

static bool take(struct command *command, struct str name, const char *word, const char *value)
{
    if (str_eq(name, STR("dir"))) {
        command->directory = value;
        return true;
    }
    if (str_eq(name, STR("name"))) {
        if (command->name_count == MAX_NAMES)
            return refuse("too many names: leave out", value);
        command->names[command->name_count++] = str_of(value);
        return true;
    }
    if (!str_eq(name, STR("days")))
        return refuse_option(name, word);
    if (!str_to_u64(str_of(value), &command->days) || command->days == 0 ||
        command->days > MAX_DAYS)
        return refuse("--days must be a number from 1 to 36500, not", value);
    return true;
}

/* Options behind "cert init": --name VALUE or --name=VALUE. */
static bool parse(int argc, char **argv, struct command *command)
{
    for (int i = 2; i < argc; i++) {
        struct str word = str_of(argv[i]);
        size_t end = str_find(word, '=');
        struct str name = str_sub(word, 2, end < 2 ? 0 : end - 2);
        const char *value = end < word.len ? argv[i] + end + 1 : NULL;

        if (!str_starts(word, STR("--")))
            return refuse("one word too many:", argv[i]);
        if (str_eq(word, STR("--help"))) {
            command->wants_help = true;
            return true;
        }
        if (value == NULL && i + 1 == argc)
            return refuse("a value is missing behind", argv[i]);
        if (!take(command, name, argv[i], value != NULL ? value : argv[i + 1]))
            return false;
        i += value == NULL;
    }
    return true;
}

static void add_default(struct command *command, const char *name)
{
    if (command->name_count < MAX_NAMES && name[0] != '\0')
        command->names[command->name_count++] = str_of(name);
}

static void add_defaults(struct command *command)
{
    struct address found[MAX_ADDRESSES];
    size_t count = host_address_list(found, MAX_ADDRESSES);

    if (gethostname(command->host, sizeof command->host) != 0)
        command->host[0] = '\0';
    command->host[sizeof command->host - 1] = '\0';
    add_default(command, command->host);
    if (strcmp(command->host, "localhost") != 0)
        add_default(command, "localhost");
    add_default(command, "127.0.0.1");
    add_default(command, "::1");
    for (size_t i = 0; i < count; i++)
        add_default(command, address_format_ip(&found[i], command->addresses[i]));
}

static enum ctl_exit make(struct command *command)
{
    const struct tls_make_config config = {
        .directory = command->directory,
        .names = command->names,
        .name_count = command->name_count,
        .days = (unsigned)command->days,
    };
    struct problem problem = {.err = ERR_NONE};

    if (mkdir(command->directory, S_IRWXU) != 0 && errno != EEXIST) {
        fprintf(stderr, "switchyard cert: can't make the directory %s: %s\n", command->directory,
                strerror(errno));
        return CTL_REFUSED;
    }
    if (tls_make(&config, &problem)) {
        fprintf(stderr, "switchyard cert: %s\n", problem.text);
        return CTL_REFUSED;
    }
    printf(
        "Made in %s:\n"
        "  ca.pem                            for clients to trust\n"
        "  server-ecdsa.pem server-ecdsa.key for the server\n"
        "  server-rsa.pem server-rsa.key     for the server, for old firmware\n"
        "valid %u days for:\n",
        command->directory, config.days);
    for (size_t i = 0; i < command->name_count; i++)
        printf("  " STR_FMT "\n", STR_ARG(command->names[i]));
    printf(
        "Let the server use them, in its configuration:\n"
        "  tls:\n"
        "    certificates:\n"
        "      - {chain: %s/server-ecdsa.pem, key: %s/server-ecdsa.key}\n"
        "      - {chain: %s/server-rsa.pem, key: %s/server-rsa.key}\n",
        command->directory, command->directory, command->directory, command->directory);
    return CTL_OK;
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
}

int ctl_cert_main(int argc, char **argv)
{
    struct command command = {.directory = "tls", .days = DEFAULT_DAYS};

    if (argc >= 2 && is_help(argv[1])) {
        fputs(HELP, stdout);
        return CTL_OK;
    }
    if (argc < 2 || strcmp(argv[1], "init") != 0) {
        refuse("the one verb is init, not", argc < 2 ? "" : argv[1]);
        return CTL_USAGE;
    }
    if (!parse(argc, argv, &command))
        return CTL_USAGE;
    if (command.wants_help) {
        fputs(HELP, stdout);
        return CTL_OK;
    }
    if (command.name_count == 0)
        add_defaults(&command);
    return (int)make(&command);
}
