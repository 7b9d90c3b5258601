#include "ctl/bench.h"

#include "base/crypto.h"
#include "ctl/bench_commands.h"
#include "ctl/bench_dispatch.h"
#include "ctl/bench_idle.h"
#include "ctl/bench_run.h"
#include "ctl/ctl.h"

static void run_scenario(struct bench_run *run)
{
    switch (run->options->scenario) {
    case BENCH_DISPATCH:
        bench_dispatch(run);
        break;
    case BENCH_COMMANDS:
        bench_commands(run);
        break;
    case BENCH_IDLE: /* prints itself, before it holds */
        bench_idle(run);
        return;
    }
    if (!run->has_failed)
        bench_run_print(run);
}

int bench_main(int argc, char **argv)
{
    struct bench_options options;
    struct bench_run run;
    int status;

    if (!bench_options_parse(argc, argv, &options, &status))
        return status;
    if (crypto_init() != ERR_NONE || bench_run_open(&options, &run) != ERR_NONE)
        return CTL_REFUSED;
    run_scenario(&run);
    bench_run_close(&run);
    return run.has_failed ? CTL_REFUSED : CTL_OK;
}
