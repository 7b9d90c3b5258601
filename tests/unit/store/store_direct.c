#include "store_direct.h"

#include "store_model.h"

#include "base/alloc.h"
#include "base/crypto.h"
#include "store/store_device_verb.h"
#include "store/store_user_verb.h"

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
    direct->backend = path == NULL ? &store_model_backend : &store_sqlite_backend;
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
    struct store_request *request = store_request_new(STORE_USER, STORE_USER_CREATE, NULL, NULL);
    struct user_record *user = request->args;

    assert_true(str_copy(str_of(apikey), user->apikey, sizeof user->apikey));
    assert_true(str_copy(str_of(apikey), user->account, sizeof user->account));
    return carry_out(direct, request);
}

enum err store_direct_create_device(struct store_direct *direct, const char *id, const char *owner)
{
    struct store_request *request =
        store_request_new(STORE_DEVICE, STORE_DEVICE_CREATE, NULL, NULL);
    struct store_device *device = store_request_add(request);

    device->params = alloc_text("{}", 2);
    assert_true(str_copy(str_of(id), device->record.id, sizeof device->record.id));
    assert_true(str_copy(str_of(owner), device->record.owner, sizeof device->record.owner));
    memcpy(device->record.key, "key", 4);
    return carry_out(direct, request);
}

enum err store_direct_assign(struct store_direct *direct, const char *id, const char *owner)
{
    struct store_request *request =
        store_request_new(STORE_DEVICE, STORE_DEVICE_ASSIGN, NULL, NULL);
    struct store_device_assignment *assignment = request->args;

    assert_true(str_copy(str_of(id), assignment->id, sizeof assignment->id));
    assert_true(str_copy(str_of(owner), assignment->owner, sizeof assignment->owner));
    return carry_out(direct, request);
}

enum err store_direct_update(struct store_direct *direct, const struct store_device_change *change)
{
    return carry_out(direct, store_device_new_update(change, NULL, NULL));
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
    struct store_request *request = store_request_new(STORE_DEVICE, STORE_DEVICE_FIND, NULL, NULL);
    struct store_device *device = request->args;

    assert_true(str_copy(str_of(id), device->record.id, sizeof device->record.id));
    request->err = direct->backend->read(direct->state, 0, request);
    return request;
}

struct store_request *store_direct_list(struct store_direct *direct, const char *owner,
                                        const char *after, size_t limit)
{
    struct store_request *request = store_request_new(STORE_DEVICE, STORE_DEVICE_LIST, NULL, NULL);
    struct store_device_list *list = request->args;

    assert_true(str_copy(str_of(owner), list->owner, sizeof list->owner));
    assert_true(store_request_set_range(request, str_of(after), limit));
    request->err = direct->backend->read(direct->state, 0, request);
    return request;
}

unsigned store_direct_find_number(struct store_direct *direct, const char *id)
{
    struct store_request *request = store_direct_find(direct, id);
    unsigned n = 0;

    assert_int_equal(request->err, ERR_NONE);
    assert_int_equal(sscanf(((struct store_device *)request->args)->params, "{\"n\":%u}", &n), 1);
    store_request_free(request);
    return n;
}
