#include "ctl/pair_options.h"

#include "ctl/ctl.h"
#include "ctl/option_words.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum {
    SSID_MAX = 32,   /* IEEE 802.11 */
    SERVER_MAX = 50, /* what the tightest firmware known has room for */
    PORT_MAX = 65535,
};

static const char usage[] =
    "usage: switchyard pair --ssid NAME [--password TEXT | --ask-password] --server HOST "
    "[options]\n"
    "\n"
    "Points a device in pairing mode at a server. Put the device into pairing mode (hold its\n"
    "button until it blinks fast without a pause), connect this computer to the Wi-Fi ITEAD-...\n"
    "that the device opens (its password is 12345678), then run this.\n"
    "\n"
    "  --ssid NAME       the Wi-Fi that the device shall join (2.4 GHz)\n"
    "  --password TEXT   its password; left out: an open network\n"
    "  --ask-password    ask for it (without a terminal: read it from standard input)\n"
    "  --server HOST     the server's name or address, as the device can reach it\n"
    "  --port N          its TLS port for devices (default 443)\n"
    "  --owner USER      register the device in the running server as this account's first\n"
    "  --name TEXT       a name for it there, with --owner\n"
    "  --device ADDRESS  where the device is (default 10.10.7.1:80)\n"
    "  --wait DURATION   how long to try to reach the device (default 30s)\n"
    "  --dry-run         ask the device who it is, and only say what would be done\n"
    "  --socket PATH     the running server's control socket, with --owner\n"
    "\n"
    "Exit status: 0 done; 1 the device or the server refused; 2 wrong command line;\n"
    "3 no device, or no server at the socket.\n";

static const struct option_row rows[] = {
    {"--ssid", OPTION_TEXT, offsetof(struct pair_options, ssid), NULL},
    {"--password", OPTION_TEXT, offsetof(struct pair_options, password), NULL},
    {"--ask-password", OPTION_FLAG, offsetof(struct pair_options, asks_password), NULL},
    {"--server", OPTION_TEXT, offsetof(struct pair_options, server), NULL},
    {"--port", OPTION_NUMBER, offsetof(struct pair_options, port), NULL},
    {"--owner", OPTION_TEXT, offsetof(struct pair_options, owner), NULL},
    {"--name", OPTION_TEXT, offsetof(struct pair_options, name), NULL},
    {"--device", OPTION_TEXT, offsetof(struct pair_options, device), NULL},
    {"--wait", OPTION_DURATION, offsetof(struct pair_options, wait_ms), NULL},
    {"--dry-run", OPTION_FLAG, offsetof(struct pair_options, dry_run), NULL},
    {"--socket", OPTION_TEXT, offsetof(struct pair_options, socket), NULL},
};

static const struct option_words table = {"switchyard pair", rows, sizeof rows / sizeof *rows};

static bool is_host(const char *text)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    size_t len = strlen(text);

    return len > 0 && len <= SERVER_MAX && strspn(text, allowed) == len;
}

/* "10.10.7.1" or "10.10.7.1:80". */
static bool find_device(struct pair_options *options)
{
    char text[ADDRESS_TEXT_CAP];
    int len = snprintf(text, sizeof text, strchr(options->device, ':') == NULL ? "%s:80" : "%s",
                       options->device);

    return len > 0 && (size_t)len < sizeof text &&
           address_parse(str_of(text), &options->at) == ERR_NONE && options->at.port != 0 &&
           !address_is_any(&options->at);
}

/* What is wrong with the options, or NULL. */
static const char *complaint(struct pair_options *options)
{
    if (options->ssid == NULL || options->ssid[0] == '\0')
        return "missing --ssid NAME: the Wi-Fi that the device shall join";
    if (strlen(options->ssid) > SSID_MAX)
        return "--ssid: a Wi-Fi's name is at most 32 bytes long";
    if (options->password != NULL && options->asks_password)
        return "give either --password or --ask-password";
    if (options->password != NULL && strlen(options->password) >= PAIR_PASSWORD_CAP)
        return "--password: a Wi-Fi's password is at most 64 bytes long";
    if (options->server == NULL)
        return "missing --server HOST: the server, as the device can reach it";
    if (!is_host(options->server))
        return "--server wants a name or an IPv4 address of at most 50 characters, without a port";
    if (options->port > PORT_MAX)
        return "--port is at most 65535";
    if (options->name != NULL && options->owner == NULL)
        return "--name goes with --owner";
    if (!find_device(options))
        return "--device wants an address such as 10.10.7.1 or 10.10.7.1:80";
    return NULL;
}

bool pair_options_parse(int argc, char **argv, struct pair_options *out, int *status)
{
    const char *wrong;

    *out = (struct pair_options){.port = 443, .device = "10.10.7.1", .wait_ms = 30000};
    *status = CTL_USAGE;
    if (argc > 1 && option_words_is_help(argv[1])) {
        fputs(usage, stdout);
        *status = CTL_OK;
        return false;
    }
    if (argc < 2) {
        fputs(usage, stderr);
        return false;
    }
    if (!option_words_parse(&table, argc - 1, argv + 1, out))
        return false;
    wrong = complaint(out);
    if (wrong != NULL)
        fprintf(stderr, "switchyard pair: %s\n", wrong);
    return wrong == NULL;
}
