/*
 * store_journal - device updates, written as one row for each group, and folded into the devices'
 * rows later.
 *
 * A group's updates go into the journal, a table, as one blob: few pages to write however many
 * devices it concerns. What they hold is in the overlay for readers until it is folded: sorted by
 * row, a device once however often it changed, in slices that ride in the transactions of the
 * groups that follow. The rows of the journal go with the last slice. The store's writer alone;
 * private to src/store.
 */
#pragma once

#include "base/attr.h"
#include "base/problem.h"
#include "store/sqlite_conn.h"
#include "store/store_overlay.h"

struct store_journal;

/*
 * Folds what a process that was killed has left. Borrows the writing connection. Folding begins
 * when the overlay holds max_bytes, of which it may reach about twice while that lasts. With a
 * problem text: ERR_IO; ERR_INVALID, the journal is damaged.
 */
MUST_USE enum err store_journal_open(struct sqlite_conn *conn, size_t max_bytes,
                                     struct problem *problem, struct store_journal **out);
void store_journal_close(struct store_journal *journal); /* accepts NULL */

/* In the group's transaction. ERR_NOT_FOUND: no such device, or not its owner's. */
MUST_USE enum err store_journal_update(struct store_journal *journal,
                                       const struct store_device_change *change);
/* The group has changed the row of this device. */
void store_journal_note_row(struct store_journal *journal, struct str id);
/* Writes the group's updates, and a slice of what is to be folded. Then the group is committed. */
MUST_USE enum err store_journal_write(struct store_journal *journal);
/* How that ended. */
void store_journal_end(struct store_journal *journal, bool is_committed);

/* Between groups: true when there is something to fold, and then each group from now on folds a
 * slice; false: what the overlay knows is forgotten. */
MUST_USE bool store_journal_rest(struct store_journal *journal);

struct store_overlay *store_journal_overlay(struct store_journal *journal); /* lives as long */
