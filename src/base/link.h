/*
 * link - a doubly linked list whose links are embedded in the objects.
 *
 * A list is a link that stands for no object; an object's link is either in one list or alone
 * (points at itself). Removing a lone link does nothing. The list's owning thread only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct link {
    struct link *next;
    struct link *prev;
};

/* The object of `type` whose `member` is at `ptr`. */
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

static inline void link_init(struct link *link)
{
    link->next = link->prev = link;
}

static inline bool link_is_alone(const struct link *link)
{
    return link->next == link;
}

/* Inserts a lone link before `where`; before the list itself means last. */
static inline void link_insert(struct link *where, struct link *link)
{
    link->prev = where->prev;
    link->next = where;
    where->prev->next = link;
    where->prev = link;
}

static inline void link_remove(struct link *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link_init(link);
}

/* Moves all links of `from` to the end of `to`; `from` becomes empty. */
static inline void link_splice(struct link *to, struct link *from)
{
    if (link_is_alone(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    link_init(from);
}
