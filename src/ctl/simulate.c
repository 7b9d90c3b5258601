#include "ctl/simulate.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "ctl/consecutive_id.h"
#include "ctl/simulate_run.h"
#include "net/address_resolve.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PROGRESS_MS = 1000,
    LAST_TURNS_MS = 300, /* for the close frames to leave */
};

void simulate_trace(void *ctx, struct client *client, enum client_trace what, struct str text)
{
    static const char *const marks[] = {
        [TRACE_STEP] = "--", [TRACE_SENT] = "->", [TRACE_RECEIVED] = "<-"};
    const struct simulated *self = ctx;
    struct str line;
    bool is_first = true;

    (void)client;
    if (!self->run->options.trace)
        return;
    if (what == TRACE_STEP && self->run->options.journey != NULL) {
        printf("\n== " STR_FMT "\n", STR_ARG(text));
        return;
    }
    while (str_split(&text, '\n', &line)) {
        line = str_trim(line);
        printf("%s %s " STR_FMT "\n", self->id, is_first ? marks[what] : "  ", STR_ARG(line));
        is_first = false;
    }
    fflush(stdout);
}

void simulate_stop(struct simulate_run *run, int status)
{
    if (run->is_over)
        return;
    run->is_over = true;
    run->status = status;
    loop_stop(run->loop);
}

/* "https://host:port" to an address, the name, and whether TLS is spoken. */
static bool parse_url(const char *url, struct client_config *out, bool *is_tls)
{
    struct str rest = str_of(url);
    struct problem problem = {0};

    *is_tls = str_starts(rest, STR("https://"));
    if (!*is_tls && !str_starts(rest, STR("http://"))) {
        fprintf(stderr, "switchyard simulate: --url starts with https:// or http://\n");
        return false;
    }
    rest = str_sub(rest, *is_tls ? 8 : 7, rest.len);
    rest = str_sub(rest, 0, str_find(rest, '/'));
    if (address_resolve(rest, &out->dispatcher, &problem) == ERR_NONE)
        return true;
    fprintf(stderr, "switchyard simulate: --url: %s\n", problem.text);
    return false;
}

/* The name alone, for the certificate; the port is known. */
static char *name_of(const char *url)
{
    struct str rest = str_of(strstr(url, "://") + 3);
    struct str name = str_sub(rest, 0, str_find(rest, '/'));

    if (name.len > 0 && name.ptr[0] == '[')
        name = str_sub(name, 1, str_find(name, ']') - 1);
    else
        name = str_sub(name, 0, str_find(name, ':'));
    return alloc_text(name.ptr, name.len);
}

static void id_of(const struct simulate_options *options, uint64_t index, char out[SIMULATE_ID_CAP])
{
    if (options->is_device)
        consecutive_id(options->id, index, out);
    else
        snprintf(out, SIMULATE_ID_CAP, "app%" PRIu64, index + 1);
}

static void begin(struct simulate_run *run, struct simulated *self, uint64_t index)
{
    const struct simulate_options *options = &run->options;
    struct client_identity who = {0};

    self->run = run;
    crypto_random_hex((sizeof self->nonce - 1) / 2, self->nonce);
    who.nonce = str_of(self->nonce);
    id_of(options, index, self->id);
    if (options->is_device) {
        who.deviceid = str_of(self->id);
        who.apikey = str_of(options->key);
        who.model = str_of(options->model);
    } else {
        who.at = str_of(options->token);
        who.appid = str_of(options->appid);
        who.apikey = options->apikey == NULL ? STR("") : str_of(options->apikey);
    }
    self->client =
        client_new(&run->client, options->is_device ? CLIENT_DEVICE : CLIENT_APP, &who, self);
    client_start(self->client, index * 1000 / options->per_second);
}

struct progress {
    struct timer timer;
    struct timer end;
    struct simulate_run *run;
    size_t last;
};

static void on_progress(struct timer *timer)
{
    struct progress *progress = CONTAINER_OF(timer, struct progress, timer);
    struct simulate_run *run = progress->run;

    if (run->online != progress->last)
        fprintf(stderr, "online %zu of %" PRIu64 "\n", run->online, run->options.count);
    progress->last = run->online;
    loop_timer_start(run->loop, timer, PROGRESS_MS, on_progress);
}

static void on_end(struct timer *timer)
{
    simulate_stop(CONTAINER_OF(timer, struct progress, end)->run, CTL_OK);
}

static void run_clients(struct simulate_run *run)
{
    struct simulated *all = alloc_zero(run->options.count * sizeof *all);
    struct progress progress = {.run = run};
    uint64_t last_ms;

    for (uint64_t i = 0; i < run->options.count; i++)
        begin(run, &all[i], i);
    if (run->options.count > 1)
        loop_timer_start(run->loop, &progress.timer, PROGRESS_MS, on_progress);
    if (run->options.for_ms > 0)
        loop_timer_start(run->loop, &progress.end, run->options.for_ms, on_end);
    loop_run(run->loop);
    run->is_over = true;
    timer_stop(&progress.timer);
    timer_stop(&progress.end);
    for (uint64_t i = 0; i < run->options.count; i++)
        client_stop(all[i].client);
    last_ms = loop_now_ms(run->loop) + LAST_TURNS_MS;
    while (loop_now_ms(run->loop) < last_ms)
        loop_turn(run->loop, LAST_TURNS_MS / 10);
    for (uint64_t i = 0; i < run->options.count; i++)
        client_abandon(all[i].client);
    loop_turn(run->loop, 0);
    for (uint64_t i = 0; i < run->options.count; i++)
        client_free(all[i].client);
    free(all);
}

static int simulate(const struct simulate_options *options)
{
    static const struct conn_config conn = {
        .max_input = (size_t)128 * 1024,
        .max_queued = (size_t)256 * 1024,
        .handshake_ms = 20000,
        .linger_ms = 1000,
    };
    struct simulate_run run = {.options = *options, .status = CTL_OK};
    struct tls_client *tls = NULL;
    struct problem problem = {0};
    char *name = NULL;
    bool is_tls;

    if (!parse_url(options->url, &run.client, &is_tls))
        return CTL_USAGE;
    if (is_tls && tls_client_open(options->ca, !options->insecure, &problem, &tls) != ERR_NONE) {
        fprintf(stderr, "switchyard simulate: %s\n", problem.text);
        return CTL_USAGE;
    }
    name = name_of(options->url);
    run.loop = loop_new();
    run.client.loop = run.loop;
    run.client.tls = tls;
    run.client.conn = &conn;
    run.client.dispatcher_name = name;
    run.client.once = options->once || options->journey != NULL;
    run.client.events = options->is_device ? &simulate_device_events : &simulate_app_events;
    run_clients(&run);
    loop_free(run.loop);
    tls_client_close(tls);
    free(name);
    return run.status;
}

int simulate_main(int argc, char **argv)
{
    struct simulate_options options;
    int status;

    if (!simulate_options_parse(argc, argv, &options, &status))
        return status;
    if (crypto_init() != ERR_NONE)
        return CTL_REFUSED;
    return simulate(&options);
}
