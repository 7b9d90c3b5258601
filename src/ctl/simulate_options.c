#include "ctl/simulate_options.h"

#include "base/clock.h"
#include "base/nearest.h"
#include "ctl/ctl.h"

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

enum value_kind { VALUE_TEXT, VALUE_FLAG, VALUE_NUMBER, VALUE_DURATION };

static const struct option_row {
    const char *name;
    enum value_kind kind;
    size_t at;
} option_rows[] = {
    {"--url", VALUE_TEXT, offsetof(struct simulate_options, url)},
    {"--ca", VALUE_TEXT, offsetof(struct simulate_options, ca)},
    {"--insecure", VALUE_FLAG, offsetof(struct simulate_options, insecure)},
    {"--id", VALUE_TEXT, offsetof(struct simulate_options, id)},
    {"--key", VALUE_TEXT, offsetof(struct simulate_options, key)},
    {"--model", VALUE_TEXT, offsetof(struct simulate_options, model)},
    {"--token", VALUE_TEXT, offsetof(struct simulate_options, token)},
    {"--appid", VALUE_TEXT, offsetof(struct simulate_options, appid)},
    {"--apikey", VALUE_TEXT, offsetof(struct simulate_options, apikey)},
    {"--journey", VALUE_TEXT, offsetof(struct simulate_options, journey)},
    {"--count", VALUE_NUMBER, offsetof(struct simulate_options, count)},
    {"--per-second", VALUE_NUMBER, offsetof(struct simulate_options, per_second)},
    {"--for", VALUE_DURATION, offsetof(struct simulate_options, for_ms)},
    {"--once", VALUE_FLAG, offsetof(struct simulate_options, once)},
    {"--trace", VALUE_FLAG, offsetof(struct simulate_options, trace)},
};

enum { OPTION_ROWS = sizeof option_rows / sizeof *option_rows };

static const struct option_row *find_row(const char *word)
{
    const char *names[OPTION_ROWS];
    const char *nearest;

    for (size_t i = 0; i < OPTION_ROWS; i++) {
        names[i] = option_rows[i].name;
        if (strcmp(word, names[i]) == 0)
            return &option_rows[i];
    }
    nearest = nearest_name(str_of(word), names, OPTION_ROWS);
    fprintf(stderr, "switchyard simulate: no option \"%s\"%s%s\n", word,
            nearest == NULL ? "; see --help" : "; did you mean ", nearest == NULL ? "" : nearest);
    return NULL;
}

static bool set_value(struct simulate_options *options, const struct option_row *row,
                      const char *value)
{
    void *at = (char *)options + row->at;

    switch (row->kind) {
    case VALUE_FLAG:
        *(bool *)at = true;
        return true;
    case VALUE_TEXT:
        *(const char **)at = value;
        return true;
    case VALUE_NUMBER:
        return str_to_u64(str_of(value), at) && *(uint64_t *)at > 0;
    case VALUE_DURATION:
        return clock_parse_duration(str_of(value), at);
    }
    return false;
}

static bool parse_words(int argc, char **argv, struct simulate_options *options)
{
    for (int i = 2; i < argc; i++) {
        const struct option_row *row = find_row(argv[i]);
        const char *value = NULL;

        if (row == NULL)
            return false;
        if (row->kind != VALUE_FLAG && i + 1 < argc)
            value = argv[++i];
        if ((row->kind != VALUE_FLAG && value == NULL) || !set_value(options, row, value)) {
            fprintf(stderr, "switchyard simulate: %s wants %s\n", row->name,
                    row->kind == VALUE_NUMBER     ? "a whole number above 0"
                    : row->kind == VALUE_DURATION ? "a duration such as 30s"
                                                  : "a value");
            return false;
        }
    }
    return true;
}

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

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
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
    if ((argc > 1 && is_help(argv[1])) || (argc > 2 && is_help(argv[2]))) {
        fputs(usage, stdout);
        *status = CTL_OK;
        return false;
    }
    if (argc < 2 || (strcmp(argv[1], "device") != 0 && strcmp(argv[1], "app") != 0)) {
        fputs(usage, stderr);
        return false;
    }
    out->is_device = strcmp(argv[1], "device") == 0;
    if (!parse_words(argc, argv, out) || !is_complete(out))
        return false;
    if (out->journey != NULL)
        out->trace = true;
    return true;
}
