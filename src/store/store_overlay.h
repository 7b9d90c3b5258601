/*
 * store_overlay - what has changed in devices and is in the journal alone, for readers to lay over
 * the rows, and for the writer to fold into them.
 *
 *     newest: takes the changes          sealed: being folded, takes none
 *        |                                  |
 *        +--- store_overlay_seal() -------->+--- store_overlay_unseal() ---> forgotten
 *
 * A generation also remembers the number and owner of each device that it has seen, folded or not,
 * so that the writer need not read the row again. One thread writes; others lay over. It grows with
 * what is published: the writer bounds that by folding. Private to src/store.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "store/store_device_verb.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store_overlay;

/* What is known of a device, and what has changed since its generation began. The writer's. */
struct store_overlay_device {
    int64_t number; /* of its row */
    char id[STORE_DEVICE_ID_CAP];
    char owner[STORE_APIKEY_CAP];
    bool is_known;                     /* number and owner are what the row has */
    struct store_device_change change; /* id and owner are empty; texts live in the generation */
};

struct store_overlay *store_overlay_new(void);
void store_overlay_free(struct store_overlay *overlay);

/* The memory of the newest generation. */
size_t store_overlay_bytes(const struct store_overlay *overlay);

/* The device in the newest generation, where what the sealed one knows of it is taken over; NULL
 * when neither does. Valid until the generation is forgotten. */
struct store_overlay_device *store_overlay_find(struct store_overlay *overlay, struct str id);
/* Adds a device that was not found; nothing is known of it. */
struct store_overlay_device *store_overlay_add(struct store_overlay *overlay, struct str id);
/* What is known of the device, or of all, has to be read again. */
void store_overlay_doubt(struct store_overlay *overlay, struct str id);
void store_overlay_doubt_all(struct store_overlay *overlay);

/*
 * Shows readers the changes of a group that was committed: takes its bytes (store_change), the n-th
 * change of which is devices[n]'s. with_rows: the group has also changed rows of devices.
 */
void store_overlay_publish(struct store_overlay *overlay, struct buf *bytes,
                           struct store_overlay_device *const *devices, bool with_rows);

/* True when the newest generation has any. */
bool store_overlay_has_changes(const struct store_overlay *overlay);
/* The newest generation is to be folded, and an empty one begins. None is sealed. */
void store_overlay_seal(struct store_overlay *overlay);
bool store_overlay_is_sealed(const struct store_overlay *overlay);
/* The next device of the sealed one, by row, that has changes; NULL: all were asked for. */
const struct store_overlay_device *store_overlay_next(struct store_overlay *overlay);
/* Back to the device that was next when store_overlay_place() said so. */
size_t store_overlay_place(const struct store_overlay *overlay);
void store_overlay_go_back(struct store_overlay *overlay, size_t place);
/* The rows have the changes of the sealed one, which are forgotten. */
void store_overlay_unseal(struct store_overlay *overlay);
/* Forgets all that is known, when no change waits to be folded: gives the memory back. */
void store_overlay_rest(struct store_overlay *overlay);

/*
 * For a reading thread: changes the rows that were read to what they are with all that is
 * published. False, and nothing is changed, when rows have been written since `epoch`, which
 * store_overlay_epoch() told before the read began: what was read may be of before that.
 */
uint64_t store_overlay_epoch(struct store_overlay *overlay);
MUST_USE bool store_overlay_apply(struct store_overlay *overlay, uint64_t epoch,
                                  struct store_device *devices, size_t count);
