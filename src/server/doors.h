/*
 * doors - where clients come in: the listening addresses of all kinds as one list.
 *
 * Every worker listens at every door. A port 0 becomes a real one when the first worker opens it,
 * and the others follow. Main thread.
 */
#pragma once

#include "base/buf.h"
#include "base/log.h"
#include "net/address.h"
#include "server/config.h"

#include <stdbool.h>
#include <stddef.h>

enum door_kind { DOOR_TLS, DOOR_TLS_OLD, DOOR_PLAIN, DOOR_ADMIN };

struct door {
    enum door_kind kind;
    struct address address;
    bool expects_proxy;
};

enum { DOORS_MAX = 64 };

struct doors {
    struct door items[DOORS_MAX];
    size_t count;
};

/* The doors for clients. */
void doors_from_config(const struct config *config, struct doors *out);
bool doors_have(const struct doors *doors, enum door_kind kind);
const char *doors_kind_name(enum door_kind kind);

/* One line for every open door, and warnings where one is weak. */
void doors_log(const struct doors *doors, struct log *log);

/* The file that tells tools what is open: process, doors, control socket. */
void doors_format(const struct doors *doors, const char *control_path, struct buf *out);
