#include "domain/quarantine.h"

#include "base/alloc.h"
#include "base/crypto.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

enum { MINUTE_MS = 60 * 1000 };

struct quarantine {
    pthread_mutex_t lock;
    size_t max;
    size_t count;
    int64_t minute; /* in which `fresh` have come */
    unsigned fresh;
    struct quarantine_record *items;
};

struct quarantine *quarantine_new(size_t max)
{
    struct quarantine *quarantine = alloc_zero(sizeof *quarantine);

    assert(max <= QUARANTINE_MAX);
    quarantine->max = max;
    if (max > 0)
        quarantine->items = alloc_zero(max * sizeof *quarantine->items);
    pthread_mutex_init(&quarantine->lock, NULL);
    return quarantine;
}

static void wipe(struct quarantine *quarantine)
{
    if (quarantine->items != NULL)
        crypto_wipe(quarantine->items, quarantine->max * sizeof *quarantine->items);
    quarantine->count = 0;
}

void quarantine_free(struct quarantine *quarantine)
{
    if (quarantine == NULL)
        return;
    wipe(quarantine);
    pthread_mutex_destroy(&quarantine->lock);
    free(quarantine->items);
    free(quarantine);
}

static struct quarantine_record *find(struct quarantine *quarantine, struct str id)
{
    for (size_t i = 0; i < quarantine->count; i++)
        if (str_eq(id, str_of(quarantine->items[i].id)))
            return &quarantine->items[i];
    return NULL;
}

/* A place for a new device: a free one, or that of the one that was silent for longest. */
static struct quarantine_record *make_room(struct quarantine *quarantine)
{
    struct quarantine_record *oldest = quarantine->items;

    if (quarantine->count < quarantine->max)
        return &quarantine->items[quarantine->count++];
    for (size_t i = 1; i < quarantine->count; i++)
        if (quarantine->items[i].last_ms < oldest->last_ms)
            oldest = &quarantine->items[i];
    return oldest;
}

static bool may_add(struct quarantine *quarantine, int64_t wall_ms)
{
    int64_t minute = wall_ms / MINUTE_MS;

    if (quarantine->minute != minute)
        quarantine->fresh = 0;
    quarantine->minute = minute;
    return quarantine->fresh++ < QUARANTINE_NEW_PER_MINUTE;
}

static void note(struct quarantine *quarantine, const struct quarantine_try *it)
{
    struct quarantine_record *record = find(quarantine, it->id);

    if (record == NULL) {
        if (!may_add(quarantine, it->wall_ms))
            return;
        record = make_room(quarantine);
        *record = (struct quarantine_record){.first_ms = it->wall_ms};
        str_copy(it->id, record->id, sizeof record->id);
        str_copy(it->key, record->key, sizeof record->key);
    }
    record->count++;
    record->last_ms = it->wall_ms;
    if (!crypto_equal(it->key, str_of(record->key)))
        record->other_keys++;
    if (it->model.len > 0 && it->model.len < sizeof record->model)
        str_copy(it->model, record->model, sizeof record->model);
    str_copy(str_of(it->peer), record->peer, sizeof record->peer);
}

/* What an operator may be shown and a device may have: visible ASCII, without what JSON escapes. */
static bool is_word(struct str text, size_t cap)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~' || text.ptr[i] == '"' || text.ptr[i] == '\\')
            return false;
    return text.len > 0 && text.len < cap;
}

void quarantine_note(struct quarantine *quarantine, const struct quarantine_try *it)
{
    if (quarantine == NULL || quarantine->max == 0 || !is_word(it->id, STORE_DEVICE_ID_CAP) ||
        !is_word(it->key, STORE_DEVICE_KEY_CAP))
        return;
    pthread_mutex_lock(&quarantine->lock);
    note(quarantine, it);
    pthread_mutex_unlock(&quarantine->lock);
}

bool quarantine_find(struct quarantine *quarantine, struct str id, struct quarantine_record *out)
{
    const struct quarantine_record *record;
    bool is_there;

    pthread_mutex_lock(&quarantine->lock);
    record = find(quarantine, id);
    is_there = record != NULL;
    if (is_there)
        *out = *record;
    pthread_mutex_unlock(&quarantine->lock);
    return is_there;
}

bool quarantine_at(struct quarantine *quarantine, size_t n, struct quarantine_record *out)
{
    bool is_there;

    pthread_mutex_lock(&quarantine->lock);
    is_there = n < quarantine->count;
    if (is_there)
        *out = quarantine->items[n];
    pthread_mutex_unlock(&quarantine->lock);
    return is_there;
}

bool quarantine_reject(struct quarantine *quarantine, struct str id)
{
    struct quarantine_record *record;
    bool is_there;

    pthread_mutex_lock(&quarantine->lock);
    record = find(quarantine, id);
    is_there = record != NULL;
    if (is_there)
        record->is_rejected = true;
    pthread_mutex_unlock(&quarantine->lock);
    return is_there;
}

bool quarantine_remove(struct quarantine *quarantine, struct str id)
{
    struct quarantine_record *record;
    bool is_there;

    pthread_mutex_lock(&quarantine->lock);
    record = find(quarantine, id);
    is_there = record != NULL;
    if (is_there) {
        *record = quarantine->items[--quarantine->count];
        crypto_wipe(&quarantine->items[quarantine->count], sizeof *record);
    }
    pthread_mutex_unlock(&quarantine->lock);
    return is_there;
}

size_t quarantine_clear(struct quarantine *quarantine)
{
    size_t count;

    pthread_mutex_lock(&quarantine->lock);
    count = quarantine->count;
    wipe(quarantine);
    pthread_mutex_unlock(&quarantine->lock);
    return count;
}
