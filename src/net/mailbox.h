/*
 * mailbox - the door into a worker: other threads post mail, the worker's loop delivers it.
 *
 * An eventfd and a mutex held for a list move. Mail is embedded in what it carries; posting hands
 * that over to the receiving thread. Mail from one thread arrives in the order it was posted. The
 * queue is as long as what its senders have under way; each sender bounds that.
 */
#pragma once

#include <stddef.h>

struct mail {
    struct mail *next;
    void (*on_mail)(struct mail *mail); /* called once, on the receiving thread */
};

struct mailbox;

struct mailbox *mailbox_new(void);
void mailbox_free(struct mailbox *mailbox); /* accepts NULL; undelivered mail is not called */

/* Any thread. Never blocks, never fails. Wakes the receiver only when the box was empty. */
void mailbox_post(struct mailbox *mailbox, struct mail *mail);
/* All from `first` on, linked by `next`: one lock and at most one wake. */
void mailbox_post_all(struct mailbox *mailbox, struct mail *first);

/* The receiving thread: readable when there is mail, and the call that delivers what has come. */
int mailbox_fd(const struct mailbox *mailbox);
size_t mailbox_deliver(struct mailbox *mailbox);
