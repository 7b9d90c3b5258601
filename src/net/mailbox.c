#include "net/mailbox.h"

#include "base/alloc.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct mailbox {
    int fd;
    pthread_mutex_t mutex; /* guards what follows */
    struct mail *first;
    struct mail **end; /* where the next mail is linked in */
};

struct mailbox *mailbox_new(void)
{
    struct mailbox *mailbox = alloc_zero(sizeof *mailbox);

    mailbox->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (mailbox->fd < 0 || pthread_mutex_init(&mailbox->mutex, NULL) != 0)
        abort(); /* as for memory: a worker without its door is no worker */
    mailbox->end = &mailbox->first;
    return mailbox;
}

void mailbox_free(struct mailbox *mailbox)
{
    if (mailbox == NULL)
        return;
    pthread_mutex_destroy(&mailbox->mutex);
    close(mailbox->fd);
    free(mailbox);
}

void mailbox_post(struct mailbox *mailbox, struct mail *mail)
{
    mail->next = NULL;
    mailbox_post_all(mailbox, mail);
}

void mailbox_post_all(struct mailbox *mailbox, struct mail *first)
{
    const uint64_t one = 1;
    struct mail *last = first;
    bool was_empty;
    ssize_t wrote;

    while (last->next != NULL)
        last = last->next;
    pthread_mutex_lock(&mailbox->mutex);
    was_empty = mailbox->first == NULL;
    *mailbox->end = first;
    mailbox->end = &last->next;
    /* Under the lock, so that a receiver that was told by other means may free the box. */
    if (was_empty) {
        wrote = write(mailbox->fd, &one, sizeof one);
        assert(wrote == sizeof one);
        (void)wrote;
    }
    pthread_mutex_unlock(&mailbox->mutex);
}

int mailbox_fd(const struct mailbox *mailbox)
{
    return mailbox->fd;
}

size_t mailbox_deliver(struct mailbox *mailbox)
{
    struct mail *mail;
    uint64_t wakes;
    size_t count = 0;

    /* Before the list is taken: a post in between then costs a spare wake, and never loses one. */
    if (read(mailbox->fd, &wakes, sizeof wakes) < 0)
        wakes = 0;
    pthread_mutex_lock(&mailbox->mutex);
    mail = mailbox->first;
    mailbox->first = NULL;
    mailbox->end = &mailbox->first;
    pthread_mutex_unlock(&mailbox->mutex);
    while (mail != NULL) {
        struct mail *next = mail->next;

        mail->on_mail(mail);
        mail = next;
        count++;
    }
    return count;
}
