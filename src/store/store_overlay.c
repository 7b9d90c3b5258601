#include "store/store_overlay.h"

#include "base/alloc.h"
#include "base/map.h"
#include "store/store_change.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_DEVICES = 128 };

/* Devices are allocated by the chunk, for there are many and they go together. */
struct chunk {
    struct chunk *next;
    struct store_overlay_device devices[CHUNK_DEVICES];
};

/* The bytes of one group, which its changes' texts are views of. */
struct piece {
    struct piece *next;
    struct buf bytes;
};

struct generation {
    struct map *devices; /* by id */
    struct chunk *chunks;
    size_t count; /* of devices; all chunks but the first are full */
    struct piece *pieces;
    size_t bytes;
};

struct store_overlay {
    pthread_mutex_t lock; /* the writer holds it to change what follows, readers to look at it */
    uint64_t epoch;
    struct generation newest;
    struct generation sealed; /* once folded it still knows its devices */

    /* The writer's alone: the sealed changes by row, NULL when there are none. */
    struct store_overlay_device **order;
    size_t order_len;
    size_t place;
};

static struct str key_of(const void *item)
{
    return str_of(((const struct store_overlay_device *)item)->id);
}

static void generation_init(struct generation *generation)
{
    *generation = (struct generation){.devices = map_new(key_of)};
}

static void drop_pieces(struct generation *generation)
{
    while (generation->pieces != NULL) {
        struct piece *piece = generation->pieces;

        generation->pieces = piece->next;
        buf_free(&piece->bytes);
        free(piece);
    }
}

static void generation_fini(struct generation *generation)
{
    drop_pieces(generation);
    map_free(generation->devices);
    while (generation->chunks != NULL) {
        struct chunk *chunk = generation->chunks;

        generation->chunks = chunk->next;
        free(chunk);
    }
}

typedef void (*device_fn)(struct store_overlay *overlay, struct store_overlay_device *device);

static void each(struct store_overlay *overlay, const struct generation *generation, device_fn run)
{
    size_t left = generation->count;

    for (struct chunk *chunk = generation->chunks; chunk != NULL; chunk = chunk->next) {
        size_t used = left % CHUNK_DEVICES == 0 ? CHUNK_DEVICES : left % CHUNK_DEVICES;

        for (size_t i = 0; i < used; i++)
            run(overlay, &chunk->devices[i]);
        left -= used;
    }
}

struct store_overlay *store_overlay_new(void)
{
    struct store_overlay *overlay = alloc_zero(sizeof *overlay);

    pthread_mutex_init(&overlay->lock, NULL);
    generation_init(&overlay->newest);
    generation_init(&overlay->sealed);
    return overlay;
}

void store_overlay_free(struct store_overlay *overlay)
{
    generation_fini(&overlay->newest);
    generation_fini(&overlay->sealed);
    free(overlay->order);
    pthread_mutex_destroy(&overlay->lock);
    free(overlay);
}

size_t store_overlay_bytes(const struct store_overlay *overlay)
{
    return overlay->newest.bytes;
}

struct store_overlay_device *store_overlay_add(struct store_overlay *overlay, struct str id)
{
    struct generation *newest = &overlay->newest;
    struct store_overlay_device *device;

    pthread_mutex_lock(&overlay->lock);
    if (newest->count % CHUNK_DEVICES == 0) {
        struct chunk *chunk = alloc_zero(sizeof *chunk);

        chunk->next = newest->chunks;
        newest->chunks = chunk;
        newest->bytes += sizeof *chunk;
    }
    device = &newest->chunks->devices[newest->count++ % CHUNK_DEVICES];
    (void)str_copy(id, device->id, sizeof device->id);
    (void)map_put(newest->devices, device);
    pthread_mutex_unlock(&overlay->lock);
    return device;
}

struct store_overlay_device *store_overlay_find(struct store_overlay *overlay, struct str id)
{
    struct store_overlay_device *device = map_find(overlay->newest.devices, id);
    const struct store_overlay_device *before;

    if (device != NULL || (before = map_find(overlay->sealed.devices, id)) == NULL)
        return device;
    device = store_overlay_add(overlay, id);
    device->number = before->number;
    device->is_known = before->is_known;
    memcpy(device->owner, before->owner, sizeof device->owner);
    return device;
}

void store_overlay_doubt(struct store_overlay *overlay, struct str id)
{
    struct store_overlay_device *device = store_overlay_find(overlay, id);

    if (device != NULL)
        device->is_known = false;
}

static void doubt(struct store_overlay *overlay, struct store_overlay_device *device)
{
    (void)overlay;
    device->is_known = false;
}

void store_overlay_doubt_all(struct store_overlay *overlay)
{
    each(overlay, &overlay->newest, doubt);
    each(overlay, &overlay->sealed, doubt);
}

static void merge(struct store_device_change *into, const struct store_device_change *change)
{
    if (change->params.ptr != NULL)
        into->params = change->params;
    if (change->model.len > 0)
        into->model = change->model;
    if (change->online_ms != 0)
        into->online_ms = change->online_ms;
    if (change->offline_ms != 0)
        into->offline_ms = change->offline_ms;
}

/* The bytes are what this process has just written. */
static void merge_all(struct str bytes, struct store_overlay_device *const *devices)
{
    struct store_device_change change;
    int64_t number;
    enum err err = store_change_open(&bytes);

    while (err == ERR_NONE && (err = store_change_next(&bytes, &number, &change)) == ERR_NONE) {
        assert((*devices)->number == number);
        merge(&(*devices)->change, &change);
        devices++;
    }
    assert(err == ERR_NOT_FOUND);
}

void store_overlay_publish(struct store_overlay *overlay, struct buf *bytes,
                           struct store_overlay_device *const *devices, bool with_rows)
{
    struct piece *piece = NULL;

    if (bytes->len > 0) {
        piece = alloc_zero(sizeof *piece);
        piece->bytes = *bytes;
        *bytes = BUF_EMPTY;
    }
    pthread_mutex_lock(&overlay->lock);
    overlay->epoch += with_rows;
    if (piece != NULL) {
        piece->next = overlay->newest.pieces;
        overlay->newest.pieces = piece;
        overlay->newest.bytes += sizeof *piece + piece->bytes.cap;
        merge_all(buf_str(&piece->bytes), devices);
    }
    pthread_mutex_unlock(&overlay->lock);
}

bool store_overlay_has_changes(const struct store_overlay *overlay)
{
    return overlay->newest.pieces != NULL;
}

static void put_in_order(struct store_overlay *overlay, struct store_overlay_device *device)
{
    if (!store_change_is_empty(&device->change))
        overlay->order[overlay->order_len++] = device;
}

static int compare(const void *a, const void *b)
{
    int64_t left = (*(struct store_overlay_device *const *)a)->number;
    int64_t right = (*(struct store_overlay_device *const *)b)->number;

    return left < right ? -1 : left > right;
}

void store_overlay_seal(struct store_overlay *overlay)
{
    struct generation before = overlay->sealed;

    assert(overlay->order == NULL);
    pthread_mutex_lock(&overlay->lock);
    overlay->sealed = overlay->newest;
    generation_init(&overlay->newest);
    pthread_mutex_unlock(&overlay->lock);
    generation_fini(&before);
    overlay->order = alloc_resize(NULL, overlay->sealed.count + 1, sizeof(void *));
    overlay->order_len = 0;
    overlay->place = 0;
    each(overlay, &overlay->sealed, put_in_order);
    qsort(overlay->order, overlay->order_len, sizeof(void *), compare);
}

bool store_overlay_is_sealed(const struct store_overlay *overlay)
{
    return overlay->order != NULL;
}

const struct store_overlay_device *store_overlay_next(struct store_overlay *overlay)
{
    return overlay->place < overlay->order_len ? overlay->order[overlay->place++] : NULL;
}

size_t store_overlay_place(const struct store_overlay *overlay)
{
    return overlay->place;
}

void store_overlay_go_back(struct store_overlay *overlay, size_t place)
{
    assert(place <= overlay->place);
    overlay->place = place;
}

static void forget_change(struct store_overlay *overlay, struct store_overlay_device *device)
{
    (void)overlay;
    device->change = (struct store_device_change){0};
}

void store_overlay_unseal(struct store_overlay *overlay)
{
    assert(overlay->place == overlay->order_len);
    free(overlay->order);
    overlay->order = NULL;
    pthread_mutex_lock(&overlay->lock);
    overlay->epoch++;
    each(overlay, &overlay->sealed, forget_change);
    drop_pieces(&overlay->sealed);
    pthread_mutex_unlock(&overlay->lock);
}

void store_overlay_rest(struct store_overlay *overlay)
{
    struct generation newest = overlay->newest;
    struct generation sealed = overlay->sealed;

    assert(newest.pieces == NULL && sealed.pieces == NULL);
    pthread_mutex_lock(&overlay->lock);
    generation_init(&overlay->newest);
    generation_init(&overlay->sealed);
    pthread_mutex_unlock(&overlay->lock);
    generation_fini(&newest);
    generation_fini(&sealed);
}

uint64_t store_overlay_epoch(struct store_overlay *overlay)
{
    uint64_t epoch;

    pthread_mutex_lock(&overlay->lock);
    epoch = overlay->epoch;
    pthread_mutex_unlock(&overlay->lock);
    return epoch;
}

static void lay(const struct generation *generation, struct store_device *device)
{
    const struct store_overlay_device *over =
        map_find(generation->devices, str_of(device->record.id));
    struct device_record *record = &device->record;

    if (over == NULL)
        return;
    if (over->change.params.ptr != NULL) {
        free(device->params);
        device->params = alloc_text(over->change.params.ptr, over->change.params.len);
    }
    if (over->change.model.len > 0)
        (void)str_copy(over->change.model, record->model, sizeof record->model);
    if (over->change.online_ms != 0)
        record->online_ms = over->change.online_ms;
    if (over->change.offline_ms != 0)
        record->offline_ms = over->change.offline_ms;
}

bool store_overlay_apply(struct store_overlay *overlay, uint64_t epoch,
                         struct store_device *devices, size_t count)
{
    bool is_current;

    pthread_mutex_lock(&overlay->lock);
    is_current = overlay->epoch == epoch;
    for (size_t i = 0; i < count && is_current; i++) {
        lay(&overlay->sealed, &devices[i]);
        lay(&overlay->newest, &devices[i]);
    }
    pthread_mutex_unlock(&overlay->lock);
    return is_current;
}
