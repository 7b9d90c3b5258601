/* The same calls, made up at random, to SQLite and to its model: they answer alike, while SQLite's
 * journal is folded, rests, is closed and is opened again. */
#include "base/alloc.h"
#include "store/store_device_verb.h"

#include "store_direct.h"
#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    USERS = 3,
    DEVICES = 40,
    GROUPS = 400,
    GROUP_MAX = 24,
};

struct twins {
    struct store_fixture *fx;
    size_t journal_bytes;
    struct store_direct model;
    struct store_direct sqlite;
    uint64_t random;
};

static unsigned draw(struct twins *twins, unsigned below)
{
    twins->random ^= twins->random << 13;
    twins->random ^= twins->random >> 7;
    twins->random ^= twins->random << 17;
    return (unsigned)(twins->random >> 33) % below;
}

/* Sometimes nobody's, sometimes a user's that is not there. */
static void draw_user(struct twins *twins, char out[static 40])
{
    unsigned user = draw(twins, USERS + 2);

    out[0] = '\0';
    if (user <= USERS)
        snprintf(out, 40, "%08u-0000-4000-8000-000000000000", user);
}

/* One in eight is never created. */
static void draw_device(struct twins *twins, char out[static 16])
{
    unsigned device = draw(twins, DEVICES);

    snprintf(out, 16, device % 8 == 7 ? "none%u" : "d%u", device);
}

static void alike(enum err a, enum err b)
{
    assert_int_equal(a, b);
}

static void create_one(struct twins *twins)
{
    char id[16];
    char owner[40];

    draw_device(twins, id);
    draw_user(twins, owner);
    if (id[0] == 'n')
        return;
    alike(store_direct_create_device(&twins->model, id, owner),
          store_direct_create_device(&twins->sqlite, id, owner));
}

static void assign_one(struct twins *twins)
{
    char id[16];
    char owner[40];

    draw_device(twins, id);
    draw_user(twins, owner);
    alike(store_direct_assign(&twins->model, id, owner),
          store_direct_assign(&twins->sqlite, id, owner));
}

static void update_one(struct twins *twins)
{
    struct store_device_change change = {0};
    char id[16];
    char owner[40];
    char model[16];
    static char params[4096];

    draw_device(twins, id);
    draw_user(twins, owner);
    snprintf(model, sizeof model, "model%u", draw(twins, 100));
    memset(params, 'x', sizeof params);
    params[snprintf(params, sizeof params, "%u", draw(twins, 1000000))] = 'x';
    change.id = str_of(id);
    if (draw(twins, 2) == 0)
        change.owner = str_of(owner);
    if (draw(twins, 4) > 0)
        change.params = (struct str){params, draw(twins, draw(twins, 10) == 0 ? 4096 : 64)};
    if (draw(twins, 4) == 0)
        change.model = str_of(model);
    if (draw(twins, 4) == 0)
        change.online_ms = draw(twins, 1000000);
    if (draw(twins, 4) == 0)
        change.offline_ms = draw(twins, 1000000);
    alike(store_direct_update(&twins->model, &change),
          store_direct_update(&twins->sqlite, &change));
}

static void same_device(const struct store_device *a, const struct store_device *b)
{
    assert_string_equal(a->record.id, b->record.id);
    assert_string_equal(a->record.owner, b->record.owner);
    assert_string_equal(a->record.model, b->record.model);
    assert_string_equal(a->params, b->params);
    assert_int_equal(a->record.online_ms, b->record.online_ms);
    assert_int_equal(a->record.offline_ms, b->record.offline_ms);
}

static void find_one(struct twins *twins)
{
    struct store_request *a;
    struct store_request *b;
    char id[16];

    draw_device(twins, id);
    a = store_direct_find(&twins->model, id);
    b = store_direct_find(&twins->sqlite, id);
    alike(a->err, b->err);
    if (a->err == ERR_NONE)
        same_device(a->args, b->args);
    store_request_free(a);
    store_request_free(b);
}

static void list_some(struct twins *twins)
{
    struct store_request *a;
    struct store_request *b;
    const struct store_device *left;
    const struct store_device *right;
    size_t limit = draw(twins, DEVICES + 2);
    char after[16];
    char owner[40];

    draw_user(twins, owner);
    draw_device(twins, after);
    a = store_direct_list(&twins->model, owner, draw(twins, 2) == 0 ? "" : after, limit);
    b = store_direct_list(&twins->sqlite, owner, ((struct store_range *)a->args)->after, limit);
    alike(a->err, b->err);
    assert_int_equal(a->rows.count, b->rows.count);
    left = a->rows.items;
    right = b->rows.items;
    for (size_t i = 0; i < a->rows.count; i++)
        same_device(&left[i], &right[i]);
    store_request_free(a);
    store_request_free(b);
}

static void change_group(struct twins *twins)
{
    unsigned count = draw(twins, GROUP_MAX);

    store_direct_begin(&twins->model);
    store_direct_begin(&twins->sqlite);
    for (unsigned i = 0; i < count; i++) {
        unsigned kind = draw(twins, 16);

        if (kind == 0)
            create_one(twins);
        else if (kind <= 2)
            assign_one(twins);
        else
            update_one(twins);
    }
    store_direct_commit(&twins->model);
    store_direct_commit(&twins->sqlite);
}

static void open_sqlite(struct twins *twins)
{
    store_direct_open(&twins->sqlite, twins->fx->path, twins->journal_bytes);
}

static void live(struct twins *twins)
{
    for (unsigned i = 0; i < GROUPS; i++) {
        change_group(twins);
        find_one(twins);
        if (draw(twins, 4) == 0)
            list_some(twins);
        if (draw(twins, 30) == 0)
            store_direct_rest(&twins->sqlite);
        if (draw(twins, 100) == 0) {
            store_direct_close(&twins->sqlite);
            open_sqlite(twins);
        }
    }
}

static void compare(struct store_fixture *fx, size_t journal_bytes, uint64_t seed)
{
    struct twins twins = {.fx = fx, .journal_bytes = journal_bytes, .random = seed};

    store_direct_open(&twins.model, NULL, 0);
    open_sqlite(&twins);
    store_direct_begin(&twins.model);
    store_direct_begin(&twins.sqlite);
    for (unsigned user = 0; user < USERS; user++) {
        char apikey[40];

        snprintf(apikey, sizeof apikey, "%08u-0000-4000-8000-000000000000", user);
        alike(store_direct_create_user(&twins.model, apikey),
              store_direct_create_user(&twins.sqlite, apikey));
    }
    store_direct_commit(&twins.model);
    store_direct_commit(&twins.sqlite);
    live(&twins);
    store_direct_close(&twins.model);
    store_direct_close(&twins.sqlite);
}

static void sqlite_and_its_model_answer_alike_while_the_journal_grows(void **state)
{
    compare(*state, 0, 0x1234567);
}

static void sqlite_and_its_model_answer_alike_while_it_is_folded_all_the_time(void **state)
{
    compare(*state, 1, 0x7654321);
}

static void sqlite_and_its_model_answer_alike_while_it_is_folded_now_and_then(void **state)
{
    compare(*state, 48 * 1024, 0xabcdef);
}

static int setup_closed(void **state)
{
    *state = store_fixture_new();
    return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup_closed, store_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(sqlite_and_its_model_answer_alike_while_the_journal_grows),
        CASE(sqlite_and_its_model_answer_alike_while_it_is_folded_all_the_time),
        CASE(sqlite_and_its_model_answer_alike_while_it_is_folded_now_and_then),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
