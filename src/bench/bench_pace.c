#include "bench/bench_pace.h"

#define US_PER_MINUTE UINT64_C(60000000)

uint64_t bench_pace_due(uint64_t per_minute, uint64_t elapsed_us)
{
    uint64_t minutes = elapsed_us / US_PER_MINUTE;

    return per_minute * minutes + per_minute * (elapsed_us % US_PER_MINUTE) / US_PER_MINUTE + 1;
}

/* May one more begin? */
static bool is_due(struct bench_pace *pace)
{
    uint64_t due;

    if (pace->per_minute == 0)
        return true;
    due = bench_pace_due(pace->per_minute, loop_clock_us() - pace->begin_us);
    if (due > pace->per_minute / 60 + pace->begun + 1)
        pace->begun = due - pace->per_minute / 60 - 1;
    return pace->begun < due;
}

static void on_tick(struct timer *timer)
{
    struct bench_pace *pace = CONTAINER_OF(timer, struct bench_pace, timer);

    while (pace->slots > 0 && is_due(pace)) {
        pace->slots--;
        pace->begun++;
        pace->on_turn(pace);
    }
    if (pace->per_minute > 0)
        loop_timer_start(pace->loop, timer, TIMER_TICK_MS, on_tick);
}

void bench_pace_start(struct bench_pace *pace, struct loop *loop, uint64_t per_minute,
                      uint64_t slots, void (*on_turn)(struct bench_pace *pace))
{
    *pace = (struct bench_pace){
        .loop = loop,
        .per_minute = per_minute,
        .slots = slots,
        .begin_us = loop_clock_us(),
        .on_turn = on_turn,
    };
    on_tick(&pace->timer);
}

void bench_pace_stop(struct bench_pace *pace)
{
    timer_stop(&pace->timer);
}

bool bench_pace_take(struct bench_pace *pace)
{
    if (is_due(pace)) {
        pace->begun++;
        return true;
    }
    pace->slots++;
    return false;
}
