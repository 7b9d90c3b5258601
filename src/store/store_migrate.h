/*
 * store_migrate - brings a SQLite file to the schema that this program knows.
 *
 * The schema's version is the file's user_version, and application_id says that the file is ours.
 * The steps are the files in migrations/, each one transaction; a file is never edited once it
 * has been released. Private to src/store.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/problem.h"

#include <sqlite3.h>

/* What a database with the newest schema says of itself. */
int store_migrate_newest(void);

/*
 * Nobody else may use the file meanwhile. ERR_INVALID: not ours, damaged, or newer than this
 * program; ERR_BUSY, ERR_IO. On failure the schema is that of the last step that succeeded.
 */
MUST_USE enum err store_migrate(sqlite3 *db, const char *path, struct problem *problem);
/* As far as an older version of this program went, for tests. */
MUST_USE enum err store_migrate_to(sqlite3 *db, const char *path, int version,
                                   struct problem *problem);
