/*
 * file_limit - how many descriptors the process may open, and how many of them clients may have: a
 * connection takes one. Any thread.
 */
#pragma once

#include <stddef.h>

/* Kept from the clients beside a few for each worker: 64 connections of operators and 16 of the
 * control socket, the database with its readers, certificates that are read again. */
enum { FILE_LIMIT_RESERVED = 128 };

/* Raises the limit as far as the system allows; returns what it is then. */
size_t file_limit_raise(void);

/* The connections that each of `workers` may have open at each of `doors`, both at least 1, when
 * `files` descriptors are shared evenly; at least 1, even where none is left. */
size_t file_limit_conns(size_t files, size_t doors, size_t workers);
