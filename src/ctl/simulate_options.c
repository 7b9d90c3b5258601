#include "ctl/simulate_options.h"

#include "ctl/ctl.h"
#include "ctl/option_words.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { MAX_COUNT = 15000 }; /* by descriptors; more needs more processes */

static const char usage[] =
    "usage: switchyard simulate device --id ID --key KEY [options]\n"
    "       switchyard simulate app --token TOKEN --appid ID [options]\n"
    "\n"
    "Clients that speak the real protocol: dispatch, connection by IP, handshake, heartbeat,\n"
    "reconnecting with back-off. A device has a switch that obeys.\n"
    "\n"
    "  --url URL         the dispatcher: https://HOST:PORT, or http:// for plain text\n"
    "                    (default https://127.0.0.1:8080)\n"
    "  --ca FILE         the roots to verify the server with (ca.pem of its data directory)\n"
    "  --insecure        do not verify the server\n"
    "  --id ID           the device's id; with --count the first of consecutive hexadecimal ids\n"
    "  --key KEY         the device's factory key, the same for all of them\n"
    "  --model NAME      the device's model (default SIM-1)\n"
    "  --token TOKEN     the app's access token (switchyard ctl token issue)\n"
    "  --appid ID        the app it was issued to\n"
    "  --apikey KEY      the user's apikey (optional)\n"
    "  --journey DEVICE  app: make the whole journey once with this device and explain each step\n"
    "  --count N         how many clients (default 1, at most 15000 a process)\n"
    "  --per-second N    how many begin in a second (default 500)\n"
    "  --for DURATION    stop after, e.g. 30s (default: run until stopped)\n"
    "  --once            end when the link is lost instead of dialling again\n"
    "  --trace           print every request, answer and frame\n";

static const struct option_row rows[] = {
    {"--url", OPTION_TEXT, offsetof(struct simulate_options, url), NULL},
    {"--ca", OPTION_TEXT, offsetof(struct simulate_options, ca), NULL},
    {"--insecure", OPTION_FLAG, offsetof(struct simulate_options, insecure), NULL},
    {"--id", OPTION_TEXT, offsetof(struct simulate_options, id), NULL},
    {"--key", OPTION_TEXT, offsetof(struct simulate_options, key), NULL},
    {"--model", OPTION_TEXT, offsetof(struct simulate_options, model), NULL},
    {"--token", OPTION_TEXT, offsetof(struct simulate_options, token), NULL},
    {"--appid", OPTION_TEXT, offsetof(struct simulate_options, appid), NULL},
    {"--apikey", OPTION_TEXT, offsetof(struct simulate_options, apikey), NULL},
    {"--journey", OPTION_TEXT, offsetof(struct simulate_options, journey), NULL},
    {"--count", OPTION_NUMBER, offsetof(struct simulate_options, count), NULL},
    {"--per-second", OPTION_NUMBER, offsetof(struct simulate_options, per_second), NULL},
    {"--for", OPTION_DURATION, offsetof(struct simulate_options, for_ms), NULL},
    {"--once", OPTION_FLAG, offsetof(struct simulate_options, once), NULL},
    {"--trace", OPTION_FLAG, offsetof(struct simulate_options, trace), NULL},
};

static const struct option_words table = {"switchyard simulate", rows, sizeof rows / sizeof *rows};

static bool is_complete(const struct simulate_options *options)
{
    const char *missing = NULL;

    if (options->is_device && (options->id == NULL || options->key == NULL))
        missing = "--id and --key: switchyard ctl device create shows both";
    else if (!options->is_device && (options->token == NULL || options->appid == NULL))
        missing = "--token and --appid: switchyard ctl token issue shows both";
    else if (options->ca == NULL && !options->insecure && strncmp(options->url, "https", 5) == 0)
        missing = "--ca FILE (ca.pem in the server's data directory), or --insecure";
    if (missing != NULL)
        fprintf(stderr, "switchyard simulate: missing %s\n", missing);
    else if (options->count > MAX_COUNT)
        fprintf(stderr, "switchyard simulate: --count is at most %d; start more processes\n",
                MAX_COUNT);
    return missing == NULL && options->count <= MAX_COUNT;
}

bool simulate_options_parse(int argc, char **argv, struct simulate_options *out, int *status)
{
    *out = (struct simulate_options){
        .url = "https://127.0.0.1:8080",
        .model = "SIM-1",
        .count = 1,
        .per_second = 500,
    };
    *status = CTL_USAGE;
    if ((argc > 1 && option_words_is_help(argv[1])) ||
        (argc > 2 && option_words_is_help(argv[2]))) {
        fputs(usage, stdout);
        *status = CTL_OK;
        return false;
    }
    if (argc < 2 || (strcmp(argv[1], "device") != 0 && strcmp(argv[1], "app") != 0)) {
        fputs(usage, stderr);
        return false;
    }
    out->is_device = strcmp(argv[1], "device") == 0;
    if (!option_words_parse(&table, argc - 2, argv + 2, out) || !is_complete(out))
        return false;
    if (out->journey != NULL)
        out->trace = true;
    return true;
}
