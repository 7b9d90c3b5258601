/*
 * admin_list - lists of the store, page by page, as fast as the client reads.
 *
 * A page is asked for when the client has taken the one before, so that a list of any length needs
 * the memory of one page. The call's options "after" and "limit" count.
 */
#pragma once

#include "admin/admin_call.h"

#include <stddef.h>

enum { ADMIN_LIST_PAGE = 200, ADMIN_LIST_KEY_CAP = 72 };

/* The list under way; the call's state starts with it. */
struct admin_list {
    struct admin_call *call;
    char after[ADMIN_LIST_KEY_CAP]; /* the last key that came */
    uint64_t left;                  /* rows of the limit */
    size_t in_page;                 /* rows that came of this page */
    size_t page;                    /* rows that were asked for */
    /* Asks the store for `page` records behind `after`. */
    enum err (*ask)(struct admin_list *list);
};

/* Starts the list, or refuses the call. */
void admin_list_start(struct admin_call *call, enum err (*ask)(struct admin_list *list));
/* A record has come, of this key, and its row has been written. */
void admin_list_on_row(struct admin_list *list, const char *key);
/* The store's last answer of a page. */
void admin_list_on_page(struct admin_list *list, enum err err);
