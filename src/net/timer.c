#include "net/timer.h"

#include "base/alloc.h"

#include <assert.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>

/*
 * Time is counted in ticks and a tick is read as a number of base 64: digit 0 is the lowest. A
 * timer stands at the level of the highest digit in which its tick differs from the wheel's, in the
 * slot of that digit.
 *
 *     level 0   64 slots of 1 tick          all before ...
 *     level 1   64 slots of 64 ticks        ... all of these, before ...
 *     level 2   64 slots of 4096 ticks      ... these, and so on
 *
 * So the next thing to happen is always in the first set bit of the lowest level that has one:
 * either a timer is due (level 0), or a slot's timers move to lower levels.
 */
enum {
    DIGIT_BITS = 6,
    SLOTS = 1 << DIGIT_BITS,
    LEVELS = 7,
};

/* The last tick that fits in LEVELS digits, 557 years. */
static const uint64_t MAX_TICK = (UINT64_C(1) << (DIGIT_BITS * LEVELS)) - 1;

struct level {
    uint64_t occupied; /* a bit may outlive the slot's last timer, as timer_stop() knows no wheel */
    struct link slots[SLOTS];
};

struct timer_wheel {
    uint64_t now_ms;   /* of the last run */
    uint64_t tick;     /* all ticks up to this one have been run */
    struct link ready; /* started when already due: for the next run */
    struct level levels[LEVELS];
};

static struct timer *timer_of(struct link *link)
{
    return CONTAINER_OF(link, struct timer, link);
}

static uint64_t tick_of_due(uint64_t due_ms)
{
    uint64_t tick = due_ms / TIMER_TICK_MS + (due_ms % TIMER_TICK_MS != 0);

    return tick < MAX_TICK ? tick : MAX_TICK;
}

struct timer_wheel *timer_wheel_new(uint64_t now_ms)
{
    struct timer_wheel *wheel = alloc_zero(sizeof *wheel);

    wheel->now_ms = now_ms;
    wheel->tick = now_ms / TIMER_TICK_MS;
    link_init(&wheel->ready);
    for (int level = 0; level < LEVELS; level++)
        for (int slot = 0; slot < SLOTS; slot++)
            link_init(&wheel->levels[level].slots[slot]);
    return wheel;
}

/* The first slot of a level that holds a timer, or -1; forgets the bits of slots that have none. */
static int first_slot(struct level *level)
{
    while (level->occupied != 0) {
        int slot = __builtin_ctzll(level->occupied);

        if (!link_is_alone(&level->slots[slot]))
            return slot;
        level->occupied &= level->occupied - 1;
    }
    return -1;
}

/* The first slot in time that holds a timer, and when it is reached; NULL when there is none. */
static struct link *next_slot(struct timer_wheel *wheel, int *out_level, uint64_t *out_tick)
{
    for (int level = 0; level < LEVELS; level++) {
        int slot = first_slot(&wheel->levels[level]);
        uint64_t above = wheel->tick >> (DIGIT_BITS * (level + 1)) << DIGIT_BITS;

        if (slot < 0)
            continue;
        *out_level = level;
        *out_tick = (above | (unsigned)slot) << (DIGIT_BITS * level);
        return &wheel->levels[level].slots[slot];
    }
    return NULL;
}

void timer_wheel_free(struct timer_wheel *wheel)
{
    uint64_t tick;
    int level;

    if (wheel == NULL)
        return;
    assert(link_is_alone(&wheel->ready) && next_slot(wheel, &level, &tick) == NULL);
    free(wheel);
}

/* Puts a lone timer where it belongs; into `due` when the wheel has reached its tick. */
static void place(struct timer_wheel *wheel, struct timer *timer, struct link *due)
{
    uint64_t tick = tick_of_due(timer->due_ms);
    unsigned level;
    unsigned slot;

    if (tick <= wheel->tick) {
        link_insert(due, &timer->link);
        return;
    }
    level = (unsigned)(63 - __builtin_clzll(tick ^ wheel->tick)) / DIGIT_BITS;
    slot = (unsigned)(tick >> (DIGIT_BITS * level)) % SLOTS;
    assert(level < LEVELS);
    link_insert(&wheel->levels[level].slots[slot], &timer->link);
    wheel->levels[level].occupied |= UINT64_C(1) << slot;
}

void timer_start(struct timer_wheel *wheel, struct timer *timer, uint64_t due_ms, timer_fn on_due)
{
    timer_stop(timer);
    timer->due_ms = due_ms;
    timer->on_due = on_due;
    link_init(&timer->link);
    if (due_ms <= wheel->now_ms)
        link_insert(&wheel->ready, &timer->link);
    else
        place(wheel, timer, &wheel->ready);
}

void timer_stop(struct timer *timer)
{
    if (timer_is_started(timer))
        link_remove(&timer->link);
}

bool timer_is_started(const struct timer *timer)
{
    return timer->link.next != NULL && !link_is_alone(&timer->link);
}

/* Moves the wheel to `tick`, and all that is due by then to `due`, in order of time. */
static void advance(struct timer_wheel *wheel, uint64_t tick, struct link *due)
{
    struct link *slot;
    uint64_t slot_tick;
    int level;

    while ((slot = next_slot(wheel, &level, &slot_tick)) != NULL && slot_tick <= tick) {
        struct link moving;

        link_init(&moving);
        link_splice(&moving, slot);
        wheel->levels[level].occupied &= wheel->levels[level].occupied - 1;
        wheel->tick = slot_tick;
        while (!link_is_alone(&moving)) {
            struct timer *timer = timer_of(moving.next);

            link_remove(&timer->link);
            place(wheel, timer, due);
        }
    }
    if (tick > wheel->tick)
        wheel->tick = tick;
}

void timer_wheel_run(struct timer_wheel *wheel, uint64_t now_ms)
{
    struct link due;

    wheel->now_ms = now_ms;
    link_init(&due);
    link_splice(&due, &wheel->ready);
    advance(wheel, now_ms / TIMER_TICK_MS, &due);
    while (!link_is_alone(&due)) {
        struct timer *timer = timer_of(due.next);

        link_remove(&timer->link);
        timer->on_due(timer);
    }
}

int timer_wheel_wait_ms(struct timer_wheel *wheel, uint64_t now_ms)
{
    uint64_t tick;
    uint64_t due_ms;
    int level;

    if (!link_is_alone(&wheel->ready))
        return 0;
    if (next_slot(wheel, &level, &tick) == NULL)
        return -1;
    due_ms = tick * TIMER_TICK_MS;
    if (due_ms <= now_ms)
        return 0;
    return due_ms - now_ms < INT_MAX ? (int)(due_ms - now_ms) : INT_MAX;
}
