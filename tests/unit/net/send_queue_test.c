#include "net/send_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

enum { BLOCK = SEND_QUEUE_BLOCK, URGENT_MAX = 100 };

/* A thread has one. */
static struct stash stash;

static void push(struct send_queue *queue, char letter, size_t len)
{
    char *bytes = malloc(len + 1);

    memset(bytes, letter, len);
    send_queue_push(queue, &stash, (struct str){bytes, len});
    free(bytes);
}

static void push_urgent(struct send_queue *queue, struct str message)
{
    send_queue_push_urgent(queue, &stash, message, URGENT_MAX);
}

/* The next piece is `len` times the letter. */
static void take(struct send_queue *queue, char letter, size_t len)
{
    struct str piece;

    assert_true(send_queue_next(queue, &piece));
    assert_int_equal(piece.len, len);
    assert_int_equal(piece.ptr[0], letter);
    assert_int_equal(piece.ptr[len - 1], letter);
    send_queue_drop(queue, &stash);
}

static void assert_empty(struct send_queue *queue)
{
    struct str piece;

    assert_false(send_queue_next(queue, &piece));
    assert_int_equal(send_queue_len(queue), 0);
    assert_null(queue->queued);
}

static void an_empty_queue_has_nothing_and_owns_nothing(void **state)
{
    struct send_queue queue = {.queued = NULL};

    (void)state;
    assert_empty(&queue);
    send_queue_push(&queue, &stash, STR_EMPTY);
    assert_empty(&queue);
    send_queue_free(&queue, &stash);
}

static void small_messages_leave_together(void **state)
{
    struct send_queue queue = {.queued = NULL};
    struct str piece;

    (void)state;
    send_queue_push(&queue, &stash, STR("one "));
    send_queue_push(&queue, &stash, STR("two "));
    send_queue_push(&queue, &stash, STR("three"));
    assert_int_equal(send_queue_len(&queue), 13);
    assert_true(send_queue_next(&queue, &piece));
    assert_true(str_eq(piece, STR("one two three")));
    send_queue_drop(&queue, &stash);
    assert_empty(&queue);
}

static void messages_that_are_kept_apart_leave_one_by_one(void **state)
{
    struct send_queue queue = {.queued = NULL};
    struct str piece;

    (void)state;
    send_queue_push_apart(&queue, &stash, STR_EMPTY);
    assert_empty(&queue);
    send_queue_push_apart(&queue, &stash, STR("one"));
    send_queue_push_apart(&queue, &stash, STR("two"));
    push_urgent(&queue, STR("now"));
    for (size_t i = 0; i < 3; i++) {
        static const char *const expected[] = {"now", "one", "two"};

        assert_true(send_queue_next(&queue, &piece));
        assert_true(str_eq(piece, str_of(expected[i])));
        send_queue_drop(&queue, &stash);
    }
    assert_empty(&queue);
}

static void urgent_bytes_leave_before_what_has_not_begun(void **state)
{
    struct send_queue queue = {.queued = NULL};
    struct str piece;

    (void)state;
    send_queue_push(&queue, &stash, STR("later"));
    push_urgent(&queue, STR("now "));
    push_urgent(&queue, STR("and now"));
    assert_true(send_queue_next(&queue, &piece));
    assert_true(str_eq(piece, STR("now and now")));
    send_queue_drop(&queue, &stash);
    assert_true(send_queue_next(&queue, &piece));
    assert_true(str_eq(piece, STR("later")));
    send_queue_drop(&queue, &stash);
    assert_empty(&queue);
}

static void urgent_bytes_wait_for_the_end_of_a_message_that_has_begun(void **state)
{
    struct send_queue queue = {.queued = NULL};

    (void)state;
    push(&queue, 'a', 2 * BLOCK + 5);
    push(&queue, 'b', 10);
    push(&queue, 'c', 10);
    take(&queue, 'a', BLOCK);
    push_urgent(&queue, STR("u"));
    take(&queue, 'a', BLOCK);
    take(&queue, 'a', 5);
    take(&queue, 'u', 1);
    assert_int_equal(send_queue_len(&queue), 20);
    send_queue_drop(&queue, &stash);
    assert_empty(&queue);
}

static void a_message_sent_while_another_leaves_is_not_joined_to_it(void **state)
{
    struct send_queue queue = {.queued = NULL};

    (void)state;
    push(&queue, 'a', BLOCK + 5);
    take(&queue, 'a', BLOCK);
    push(&queue, 'b', 10);
    push_urgent(&queue, STR("u"));
    take(&queue, 'a', 5);
    take(&queue, 'u', 1);
    take(&queue, 'b', 10);
    assert_empty(&queue);
}

static void a_block_is_never_larger_than_its_bound(void **state)
{
    struct send_queue queue = {.queued = NULL};

    (void)state;
    push(&queue, 'a', BLOCK);
    push(&queue, 'b', 1);
    push(&queue, 'b', BLOCK - 1);
    push(&queue, 'c', 1);
    push(&queue, 'd', BLOCK + 1);
    push(&queue, 'e', 1);
    take(&queue, 'a', BLOCK);
    take(&queue, 'b', BLOCK);
    take(&queue, 'c', 1);
    take(&queue, 'd', BLOCK);
    take(&queue, 'd', 1);
    take(&queue, 'e', 1);
    assert_empty(&queue);
}

static void older_urgent_bytes_give_way_to_newer_ones(void **state)
{
    struct send_queue queue = {.queued = NULL};
    char most[URGENT_MAX];
    struct str piece;

    (void)state;
    memset(most, 'm', sizeof most);
    push_urgent(&queue, STR("old"));
    push_urgent(&queue, (struct str){most, sizeof most});
    assert_true(send_queue_next(&queue, &piece));
    assert_int_equal(piece.len, URGENT_MAX);
    assert_int_equal(piece.ptr[0], 'm');
    push_urgent(&queue, STR("new"));
    assert_true(send_queue_next(&queue, &piece));
    assert_true(str_eq(piece, STR("new")));
    send_queue_free(&queue, &stash);
    assert_empty(&queue);
}

/* Letters run on over all messages, so any loss, doubling or disorder shows. */
static void random_use_keeps_every_byte_in_order(void **state)
{
    struct send_queue queue = {.queued = NULL};
    uint64_t seed = 3;
    size_t pushed = 0;
    size_t taken = 0;
    struct str piece;

    (void)state;
    for (int step = 0; step < 3000; step++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        if (seed >> 63 != 0 && send_queue_len(&queue) < 4000000) {
            size_t len = (seed >> 33) % (UINT64_C(1) << (seed >> 20) % 18) + 1;
            char *bytes = malloc(len);

            for (size_t i = 0; i < len; i++)
                bytes[i] = (char)(pushed++ % 127);
            send_queue_push(&queue, &stash, (struct str){bytes, len});
            free(bytes);
        } else if (send_queue_next(&queue, &piece)) {
            for (size_t i = 0; i < piece.len; i++)
                assert_int_equal(piece.ptr[i], (char)(taken++ % 127));
            send_queue_drop(&queue, &stash);
        }
        assert_int_equal(send_queue_len(&queue), pushed - taken);
        assert_true(queue.queued == NULL || queue.queued->len <= 2 * (pushed - taken) + 2 * BLOCK);
    }
    send_queue_free(&queue, &stash);
}

static int empty_stash(void **state)
{
    (void)state;
    stash_free(&stash);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_queue_has_nothing_and_owns_nothing),
        cmocka_unit_test(small_messages_leave_together),
        cmocka_unit_test(messages_that_are_kept_apart_leave_one_by_one),
        cmocka_unit_test(urgent_bytes_leave_before_what_has_not_begun),
        cmocka_unit_test(urgent_bytes_wait_for_the_end_of_a_message_that_has_begun),
        cmocka_unit_test(a_message_sent_while_another_leaves_is_not_joined_to_it),
        cmocka_unit_test(a_block_is_never_larger_than_its_bound),
        cmocka_unit_test(older_urgent_bytes_give_way_to_newer_ones),
        cmocka_unit_test(random_use_keeps_every_byte_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, empty_stash);
}
