#include "ctl/pair.h"

#include "base/crypto.h"
#include "ctl/ctl.h"
#include "ctl/ctl_secret.h"
#include "ctl/pair_exchange.h"
#include "ctl/pair_options.h"
#include "ctl/pair_register.h"
#include "net/loop.h"
#include "proto/pair_message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    TRY_MS = 3000,
    PAUSE_MS = 500,
    ANSWER_MS = 10000, /* firmware tries to join the Wi-Fi before it answers */
    ID_CAP = 33,
    KEY_CAP = 65,
};

struct pair {
    struct pair_options options;
    const char *socket_path;
    char password[PAIR_PASSWORD_CAP];
    char id[ID_CAP];
    char key[KEY_CAP];
};

static bool take_password(struct pair *pair)
{
    enum err err = ERR_NONE;

    if (pair->options.asks_password)
        err = ctl_secret_ask_once(STDIN_FILENO, "Password of the Wi-Fi: ", pair->password,
                                  sizeof pair->password);
    else if (pair->options.password != NULL)
        str_copy(str_of(pair->options.password), pair->password, sizeof pair->password);
    if (err == ERR_TOO_LARGE)
        fprintf(stderr, "switchyard pair: a Wi-Fi's password is at most 64 bytes long\n");
    else if (err)
        fprintf(stderr, "switchyard pair: no password was given\n");
    return err == ERR_NONE;
}

static void format_head(struct buf *out, const char *method, const struct pair_options *options)
{
    char host[ADDRESS_TEXT_CAP];

    buf_printf(out, "%s HTTP/1.1\r\nHost: %s\r\n", method, address_format_ip(&options->at, host));
}

/* Ids and keys are words: what a table, a file and the control socket can carry. */
static bool is_word(struct str text, size_t cap)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~' || text.ptr[i] == '\\')
            return false;
    return text.len < cap;
}

static enum ctl_exit read_device(struct pair *pair, struct str body)
{
    struct pair_device device;

    if (pair_message_parse_device(body, &device) || !is_word(device.deviceid, ID_CAP) ||
        !is_word(device.apikey, KEY_CAP)) {
        fprintf(stderr, "switchyard pair: what answers there is no device in pairing mode\n");
        return CTL_REFUSED;
    }
    str_copy(device.deviceid, pair->id, sizeof pair->id);
    str_copy(device.apikey, pair->key, sizeof pair->key);
    printf("Found the device %s.\n", pair->id);
    return CTL_OK;
}

static void complain_unreachable(const struct pair *pair)
{
    fprintf(stderr,
            "switchyard pair: no device answers at %s\n"
            "  Is it in pairing mode (it blinks fast without a pause), and is this computer in "
            "its\n"
            "  Wi-Fi? That is named ITEAD-..., and its password is 12345678.\n",
            pair->options.device);
}

/* Tries until the device answers or the time is over. */
static enum err ask_patiently(const struct pair *pair, struct str request, struct buf *answer)
{
    uint64_t end_us = loop_clock_us() + pair->options.wait_ms * 1000;
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};

    for (;;) {
        enum err err = pair_exchange_run(&pair->options.at, request, TRY_MS, answer);

        if (err == ERR_NONE || err == ERR_INVALID || loop_clock_us() >= end_us)
            return err;
        nanosleep(&pause, NULL);
    }
}

static enum ctl_exit find_device(struct pair *pair)
{
    struct buf request = BUF_EMPTY;
    struct buf answer = BUF_EMPTY;
    enum ctl_exit result = CTL_UNREACHABLE;
    enum err err;

    printf("Asking %s who it is ...\n", pair->options.device);
    fflush(stdout);
    format_head(&request, "GET /device", &pair->options);
    buf_append(&request, STR("\r\n"));
    err = ask_patiently(pair, buf_str(&request), &answer);
    if (err == ERR_NONE || err == ERR_INVALID)
        result = read_device(pair, buf_str(&answer));
    else
        complain_unreachable(pair);
    crypto_wipe(answer.ptr, answer.len);
    buf_free(&answer);
    buf_free(&request);
    return result;
}

static enum ctl_exit register_device(const struct pair *pair)
{
    const struct pair_options *options = &pair->options;
    const struct pair_registration registration = {
        .socket = options->socket != NULL ? options->socket : pair->socket_path,
        .id = pair->id,
        .key = pair->key,
        .owner = options->owner,
        .name = options->name,
    };

    if (options->owner == NULL)
        return CTL_OK;
    if (!options->dry_run)
        return pair_register_run(&registration);
    printf("Would register it in the running server as a device of %s.\n", options->owner);
    return CTL_OK;
}

/* Tells the device once; *error is its answer. */
static enum err tell(const struct pair *pair, bool is_upper, int64_t *error)
{
    const struct pair_network network = {
        .ssid = str_of(pair->options.ssid),
        .password = str_of(pair->password),
        .server = str_of(pair->options.server),
        .port = (uint16_t)pair->options.port,
        .is_upper = is_upper,
    };
    struct buf body = BUF_EMPTY;
    struct buf request = BUF_EMPTY;
    struct buf answer = BUF_EMPTY;
    enum err err;

    pair_message_format_network(&body, &network);
    format_head(&request, "POST /ap", &pair->options);
    buf_printf(&request, "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n", body.len);
    buf_append(&request, buf_str(&body));
    err = pair_exchange_run(&pair->options.at, buf_str(&request), ANSWER_MS, &answer);
    if (err == ERR_NONE)
        err = pair_message_parse_answer(buf_str(&answer), error);
    crypto_wipe(body.ptr, body.len);
    crypto_wipe(request.ptr, request.len);
    buf_free(&body);
    buf_free(&request);
    buf_free(&answer);
    return err;
}

/* The documents spell the network's name "ssid", the vendor's app was seen to spell it "SSID"; what
 * firmware refuses in one spelling may be right in the other. */
static enum ctl_exit configure(const struct pair *pair)
{
    int64_t error = 0;
    enum err err = tell(pair, false, &error);

    if (err == ERR_NONE && error != 0) {
        printf("The device answered error %" PRId64 "; trying the other spelling of \"ssid\" ...\n",
               error);
        fflush(stdout);
        err = tell(pair, true, &error);
    }
    if (err == ERR_NONE && error == 0) {
        printf("The device took it: it leaves pairing mode, joins \"%s\" and asks %s:%" PRIu64
               ".\n"
               "Look whether it comes: switchyard ctl conn list --device %s\n",
               pair->options.ssid, pair->options.server, pair->options.port, pair->id);
        return CTL_OK;
    }
    if (err == ERR_NONE || err == ERR_INVALID) {
        fprintf(stderr, "switchyard pair: the device refused: error %" PRId64 "\n", error);
        return CTL_REFUSED;
    }
    fprintf(stderr,
            "switchyard pair: the device went away without an answer; it may have taken it all the "
            "same:\n"
            "  look whether it comes: switchyard ctl conn list --device %s\n",
            pair->id);
    return CTL_UNREACHABLE;
}

static enum ctl_exit run(struct pair *pair)
{
    enum ctl_exit result;

    if (!take_password(pair))
        return CTL_USAGE;
    if ((result = find_device(pair)) || (result = register_device(pair)))
        return result;
    if (!pair->options.dry_run)
        return configure(pair);
    printf("Would tell it: join \"%s\" (%s), then ask %s:%" PRIu64 ". Nothing was changed.\n",
           pair->options.ssid, pair->password[0] == '\0' ? "an open network" : "with a password",
           pair->options.server, pair->options.port);
    return CTL_OK;
}

int pair_main(int argc, char **argv, const char *socket_path)
{
    struct pair pair = {.socket_path = socket_path};
    enum ctl_exit result;
    int status;

    if (!pair_options_parse(argc, argv, &pair.options, &status))
        return status;
    result = run(&pair);
    crypto_wipe(&pair, sizeof pair);
    return (int)result;
}
