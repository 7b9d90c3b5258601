#include "store/store_history.h"

#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define ANN "11111111-1111-4111-8111-111111111111"
#define BEN "22222222-2222-4222-8222-222222222222"
#define LAMP "1000000001"

static void create(struct store_fixture *fx)
{
    assert_int_equal(store_fixture_create_user(fx, ANN, "ann@example.org"), ERR_NONE);
    assert_int_equal(store_fixture_create_user(fx, BEN, "ben@example.org"), ERR_NONE);
    assert_int_equal(store_fixture_create_device(fx, LAMP, ANN), ERR_NONE);
}

static void pack(struct buf *out, const char *text)
{
    size_t begin = store_history_begin(out);

    buf_append(out, str_of(text));
    store_history_end(out, begin);
}

/* Entries are words, at most `keep` of them stay. */
static void append(struct store_fixture *fx, const char *owner, const char *words, size_t keep)
{
    struct store_answer answer = {0};
    struct buf entries = BUF_EMPTY;
    struct str rest = str_of(words);
    struct str word;
    struct store_history_part part = {.id = STR(LAMP), .owner = str_of(owner)};
    const struct store_history_parts parts = {.items = &part, .count = 1, .keep = keep};

    while (str_split(&rest, ' ', &word)) {
        char text[32];

        assert_true(str_copy(word, text, sizeof text));
        pack(&entries, text);
    }
    part.entries = buf_str(&entries);
    assert_int_equal(
        store_history_append(fx->store, fx->mailbox, &parts, store_fixture_on_done, &answer),
        ERR_NONE);
    buf_free(&entries);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
}

struct found {
    struct store_answer answer;
    struct buf words;
};

static void on_found(void *ctx, enum err err, struct str entries)
{
    struct found *found = ctx;
    struct str entry;

    while (store_history_next(&entries, &entry)) {
        buf_append(&found->words, entry);
        buf_append_byte(&found->words, ' ');
    }
    assert_int_equal(entries.len, 0);
    store_fixture_on_done(&found->answer, err);
}

static void expect(struct store_fixture *fx, const char *owner, enum err err, const char *words)
{
    struct found found = {0};

    assert_int_equal(
        store_history_find(fx->store, fx->mailbox, STR(LAMP), str_of(owner), on_found, &found),
        ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &found.answer), err);
    buf_append_byte(&found.words, '\0');
    assert_string_equal(found.words.ptr, words);
    buf_free(&found.words);
}

static void the_newest_entries_stay_and_survive_a_restart(void **state)
{
    struct store_fixture *fx = *state;

    create(fx);
    expect(fx, ANN, ERR_NONE, "");
    append(fx, ANN, "a b", 3);
    append(fx, ANN, "c d", 3);
    expect(fx, ANN, ERR_NONE, "b c d ");
    store_fixture_close(fx);
    store_fixture_open(fx);
    expect(fx, "", ERR_NONE, "b c d ");
    append(fx, ANN, "e f g h", 3);
    expect(fx, ANN, ERR_NONE, "f g h ");
}

static void it_is_its_owners(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer answer = {0};

    create(fx);
    append(fx, ANN, "a", 3);
    append(fx, BEN, "b", 3); /* not his device: left out */
    expect(fx, ANN, ERR_NONE, "a ");
    expect(fx, BEN, ERR_NOT_FOUND, "");
    assert_int_equal(store_device_assign(fx->store, fx->mailbox, STR(LAMP), STR(BEN),
                                         store_fixture_on_done, &answer),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &answer), ERR_NONE);
    expect(fx, BEN, ERR_NONE, ""); /* what the former owner did is not shown */
    append(fx, ANN, "late", 3);
    expect(fx, "", ERR_NONE, "");
}

static void it_can_be_cleared(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer refused = {0};
    struct store_answer done = {0};

    create(fx);
    append(fx, ANN, "a", 3);
    assert_int_equal(store_history_clear(fx->store, fx->mailbox, STR(LAMP), STR(BEN),
                                         store_fixture_on_done, &refused),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &refused), ERR_NOT_FOUND);
    assert_int_equal(store_history_clear(fx->store, fx->mailbox, STR(LAMP), STR(ANN),
                                         store_fixture_on_done, &done),
                     ERR_NONE);
    assert_int_equal(store_fixture_wait(fx, &done), ERR_NONE);
    expect(fx, ANN, ERR_NONE, "");
}

static void bounds_are_kept(void **state)
{
    struct store_fixture *fx = *state;
    struct store_answer answer = {0};
    struct store_history_part part = {.id = STR(LAMP), .owner = STR(ANN), .entries = STR("xx")};
    struct store_history_parts parts = {.items = &part, .count = 1};

    assert_int_equal(
        store_history_append(fx->store, fx->mailbox, &parts, store_fixture_on_done, &answer),
        ERR_INVALID); /* keeps none */
    parts.keep = STORE_HISTORY_KEEP_MAX + 1;
    assert_int_equal(
        store_history_append(fx->store, fx->mailbox, &parts, store_fixture_on_done, &answer),
        ERR_INVALID);
    parts.keep = 1;
    part.entries = STR_EMPTY;
    assert_int_equal(
        store_history_append(fx->store, fx->mailbox, &parts, store_fixture_on_done, &answer),
        ERR_INVALID);
}

static void damaged_entries_end_the_list(void **state)
{
    struct str rest =
        STR("\x02\x00"
            "ab"
            "\x09\x00"
            "cd");
    struct str entry;

    (void)state;
    assert_int_equal(store_history_count(rest), 1);
    assert_true(store_history_next(&rest, &entry));
    assert_true(str_eq(entry, STR("ab")));
    assert_false(store_history_next(&rest, &entry));
    rest = STR("\x02");
    assert_false(store_history_next(&rest, &entry));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_newest_entries_stay_and_survive_a_restart,
                                        store_fixture_setup, store_fixture_teardown),
        cmocka_unit_test_setup_teardown(it_is_its_owners, store_fixture_setup,
                                        store_fixture_teardown),
        cmocka_unit_test_setup_teardown(it_can_be_cleared, store_fixture_setup,
                                        store_fixture_teardown),
        cmocka_unit_test_setup_teardown(bounds_are_kept, store_fixture_setup,
                                        store_fixture_teardown),
        cmocka_unit_test(damaged_entries_end_the_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
