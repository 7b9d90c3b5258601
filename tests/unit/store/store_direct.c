#include "store_direct.h"

#include "base/alloc.h"
#include "base/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

void store_direct_open(struct store_direct *direct, const char *path, size_t journal_bytes)
{
    const struct store_config config = {.path = path, .journal_bytes = journal_bytes};
    struct problem problem = {0};

    assert_int_equal(crypto_init(), ERR_NONE);
    direct->backend = path == NULL ? &store_memory_backend : &store_sqlite_backend;
    if (direct->backend->open(&config, &problem, &direct->state) != ERR_NONE)
        fail_msg("%s", problem.text);
}

void store_direct_close(struct store_direct *direct)
{
    direct->backend->close(direct->state);
}

void store_direct_begin(struct store_direct *direct)
{
    assert_int_equal(direct->backend->begin(direct->state), ERR_NONE);
}

void store_direct_commit(struct store_direct *direct)
{
    assert_int_equal(direct->backend->commit(direct->state), ERR_NONE);
}

bool store_direct_rest(struct store_direct *direct)
{
    bool more = false;

    if (direct->backend->rest != NULL)
        assert_int_equal(direct->backend->rest(direct->state, &more), ERR_NONE);
    return more;
}

/* Takes the request. */
static enum err carry_out(struct store_direct *direct, struct store_request *request)
{
    enum err err = direct->backend->change(direct->state, request);

    store_request_free(request);
    return err;
}

enum err store_direct_create_user(struct store_direct *direct, const char *apikey)
{
    struct store_request *request = store_request_new(VERB_USER_CREATE, NULL, NULL);

    assert_true(str_copy(str_of(apikey), request->user->apikey, sizeof request->user->apikey));
    assert_true(str_copy(str_of(apikey), request->user->account, sizeof request->user->account));
    return carry_out(direct, request);
}

enum err store_direct_create_device(struct store_direct *direct, const char *id, const char *owner)
{
    struct store_request *request = store_request_new(VERB_DEVICE_CREATE, NULL, NULL);
    struct store_device *device = store_request_add_device(request, alloc_text("{}", 2));

    assert_true(str_copy(str_of(id), device->record.id, sizeof device->record.id));
    assert_true(str_copy(str_of(owner), device->record.owner, sizeof device->record.owner));
    memcpy(device->record.key, "key", 4);
    return carry_out(direct, request);
}

enum err store_direct_assign(struct store_direct *direct, const char *id, const char *owner)
{
    struct store_request *request = store_request_new(VERB_DEVICE_ASSIGN, NULL, NULL);
    struct device_record *record = &request->device->record;

    assert_true(str_copy(str_of(id), record->id, sizeof record->id));
    assert_true(str_copy(str_of(owner), record->owner, sizeof record->owner));
    return carry_out(direct, request);
}

enum err store_direct_update(struct store_direct *direct, const struct store_device_change *change)
{
    return carry_out(direct, store_request_new_change(change, NULL, NULL));
}

void store_direct_create_devices(struct store_direct *direct, unsigned count)
{
    char id[16];

    store_direct_begin(direct);
    for (unsigned device = 0; device < count; device++) {
        snprintf(id, sizeof id, "d%u", device);
        assert_int_equal(store_direct_create_device(direct, id, ""), ERR_NONE);
    }
    store_direct_commit(direct);
}

void store_direct_number(struct store_direct *direct, const char *id, unsigned n)
{
    struct store_device_change change = {.id = str_of(id)};
    char params[32];

    snprintf(params, sizeof params, "{\"n\":%u}", n);
    change.params = str_of(params);
    store_direct_begin(direct);
    assert_int_equal(store_direct_update(direct, &change), ERR_NONE);
    store_direct_commit(direct);
}

struct store_request *store_direct_find(struct store_direct *direct, const char *id)
{
    struct store_request *request = store_request_new(VERB_DEVICE_FIND, NULL, NULL);
    struct device_record *record = &request->device->record;

    assert_true(str_copy(str_of(id), record->id, sizeof record->id));
    request->err = direct->backend->read(direct->state, 0, request);
    return request;
}

struct store_request *store_direct_list(struct store_direct *direct, const char *owner,
                                        const char *after, size_t limit)
{
    struct store_request *request = store_request_new(VERB_DEVICE_LIST, NULL, NULL);

    assert_true(str_copy(str_of(owner), request->range->owner, sizeof request->range->owner));
    assert_true(str_copy(str_of(after), request->range->after, sizeof request->range->after));
    request->range->limit = limit;
    request->err = direct->backend->read(direct->state, 0, request);
    return request;
}

unsigned store_direct_find_number(struct store_direct *direct, const char *id)
{
    struct store_request *request = store_direct_find(direct, id);
    unsigned n = 0;

    assert_int_equal(request->err, ERR_NONE);
    assert_int_equal(sscanf(request->device->params, "{\"n\":%u}", &n), 1);
    store_request_free(request);
    return n;
}
