#include "net/mailbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

enum { THREADS = 4, LETTERS = 20000 };

struct letter {
    struct mail mail;
    int sender;
    int number;
    int *next_of; /* per sender: the number that must come next */
};

static struct letter *letter_of(struct mail *mail)
{
    return (struct letter *)(void *)mail;
}

static void on_letter(struct mail *mail)
{
    struct letter *letter = letter_of(mail);

    assert_int_equal(letter->number, letter->next_of[letter->sender]);
    letter->next_of[letter->sender]++;
    free(letter);
}

static void post(struct mailbox *mailbox, int sender, int number, int *next_of)
{
    struct letter *letter = calloc(1, sizeof *letter);

    letter->mail.on_mail = on_letter;
    letter->sender = sender;
    letter->number = number;
    letter->next_of = next_of;
    mailbox_post(mailbox, &letter->mail);
}

static bool is_readable(const struct mailbox *mailbox, int wait_ms)
{
    struct pollfd entry = {.fd = mailbox_fd(mailbox), .events = POLLIN};

    return poll(&entry, 1, wait_ms) == 1;
}

static void mail_is_delivered_once_in_the_order_posted(void **state)
{
    struct mailbox *mailbox = mailbox_new();
    int next_of[1] = {0};

    (void)state;
    assert_false(is_readable(mailbox, 0));
    for (int i = 0; i < 3; i++)
        post(mailbox, 0, i, next_of);
    assert_true(is_readable(mailbox, 0));
    assert_int_equal(mailbox_deliver(mailbox), 3);
    assert_int_equal(next_of[0], 3);
    assert_false(is_readable(mailbox, 0));
    assert_int_equal(mailbox_deliver(mailbox), 0);
    mailbox_free(mailbox);
}

static void mail_that_is_linked_is_delivered_in_its_order(void **state)
{
    struct mailbox *mailbox = mailbox_new();
    int next_of[1] = {0};
    struct mail *first = NULL;

    (void)state;
    post(mailbox, 0, 0, next_of);
    for (int number = 3; number > 0; number--) {
        struct letter *letter = calloc(1, sizeof *letter);

        letter->mail = (struct mail){.next = first, .on_mail = on_letter};
        letter->number = number;
        letter->next_of = next_of;
        first = &letter->mail;
    }
    mailbox_post_all(mailbox, first);
    post(mailbox, 0, 4, next_of);
    assert_int_equal(mailbox_deliver(mailbox), 5);
    assert_int_equal(next_of[0], 5);
    assert_false(is_readable(mailbox, 0));
    mailbox_free(mailbox);
}

struct reply {
    struct mail mail;
    struct mailbox *mailbox;
    int calls;
};

static void on_reply(struct mail *mail)
{
    struct reply *reply = (struct reply *)(void *)mail;

    if (++reply->calls == 1)
        mailbox_post(reply->mailbox, mail);
}

static void mail_posted_while_delivering_waits_for_the_next_delivery(void **state)
{
    struct mailbox *mailbox = mailbox_new();
    struct reply reply = {.mail.on_mail = on_reply, .mailbox = mailbox};

    (void)state;
    mailbox_post(mailbox, &reply.mail);
    assert_int_equal(mailbox_deliver(mailbox), 1);
    assert_int_equal(reply.calls, 1);
    assert_true(is_readable(mailbox, 0));
    assert_int_equal(mailbox_deliver(mailbox), 1);
    assert_int_equal(reply.calls, 2);
    mailbox_free(mailbox);
    mailbox_free(NULL);
}

struct sender {
    pthread_t thread;
    struct mailbox *mailbox;
    int number;
    int *next_of;
};

static void *send_letters(void *ctx)
{
    struct sender *sender = ctx;

    for (int i = 0; i < LETTERS; i++)
        post(sender->mailbox, sender->number, i, sender->next_of);
    return NULL;
}

static void mail_of_many_threads_arrives_complete_and_each_senders_in_order(void **state)
{
    struct mailbox *mailbox = mailbox_new();
    struct sender senders[THREADS];
    int next_of[THREADS] = {0};
    size_t count = 0;

    (void)state;
    for (int i = 0; i < THREADS; i++) {
        senders[i] = (struct sender){.mailbox = mailbox, .number = i, .next_of = next_of};
        assert_int_equal(pthread_create(&senders[i].thread, NULL, send_letters, &senders[i]), 0);
    }
    while (count < THREADS * LETTERS) {
        assert_true(is_readable(mailbox, -1));
        count += mailbox_deliver(mailbox);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(senders[i].thread, NULL);
        assert_int_equal(next_of[i], LETTERS);
    }
    mailbox_free(mailbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mail_is_delivered_once_in_the_order_posted),
        cmocka_unit_test(mail_that_is_linked_is_delivered_in_its_order),
        cmocka_unit_test(mail_posted_while_delivering_waits_for_the_next_delivery),
        cmocka_unit_test(mail_of_many_threads_arrives_complete_and_each_senders_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
