#include "bench/bench.h"

#include "base/crypto.h"
#include "bench/bench_measure.h"
#include "ctl/ctl.h"

#include <stdio.h>
#include <unistd.h>

static void print(const struct bench_options *options, const struct bench_result *result)
{
    struct buf text = BUF_EMPTY;

    if (options->json)
        bench_result_json(result, &text);
    else
        bench_result_table(result, &text);
    fwrite(text.ptr, 1, text.len, stdout);
    fflush(stdout);
    buf_free(&text);
}

/* Until standard input ends. */
static void print_and_hold(const struct bench_options *options, const struct bench_result *result)
{
    char ignored[64];

    print(options, result);
    while (read(STDIN_FILENO, ignored, sizeof ignored) > 0)
        ;
}

int bench_main(int argc, char **argv)
{
    struct bench_options options;
    struct bench_result result;
    int status;

    if (!bench_options_parse(argc, argv, &options, &status))
        return status;
    if (crypto_init() != ERR_NONE)
        return CTL_REFUSED;
    if (!bench_measure(&options, options.hold ? print_and_hold : NULL, &result))
        return CTL_REFUSED;
    if (!options.hold)
        print(&options, &result);
    return CTL_OK;
}
