#include "store/store.h"

#include "base/alloc.h"
#include "store/store_backend.h"
#include "store/store_engine.h"
#include "store/store_private.h"

#include <assert.h>
#include <stdlib.h>

struct store {
    struct store_engine *engine;
    struct store_places *places;
};

enum err store_open_backend(const struct store_backend *backend, const struct store_config *config,
                            struct problem *problem, struct store **out)
{
    struct store *store;
    struct store_engine *engine;
    void *state;
    enum err err;

    if (config->max_waiting == 0)
        return problem_set(problem, ERR_INVALID, 0, "the store must let at least one call wait");
    if ((err = backend->open(config, problem, &state)))
        return err;
    if ((err = store_engine_start(backend, state, config, &engine))) {
        backend->close(state);
        return problem_set(problem, err, 0, "cannot start the store's threads: raise the limit");
    }
    store = alloc_zero(sizeof *store);
    store->engine = engine;
    store->places = store_places_new(config->max_waiting, config->max_waiting_bytes);
    *out = store;
    return ERR_NONE;
}

enum err store_open(const struct store_config *config, struct problem *problem, struct store **out)
{
    return store_open_backend(&store_sqlite_backend, config, problem, out);
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    store_engine_stop(store->engine);
    store_places_leave(store->places, 0);
    free(store);
}

bool store_is_healthy(const struct store *store)
{
    return store_engine_is_healthy(store->engine);
}

enum err store_submit(struct store *store, struct store_request *request, bool is_valid)
{
    assert(request->reply != NULL);
    if (!is_valid) {
        store_request_free(request);
        return ERR_INVALID;
    }
    request->bytes = store_request_weigh(request);
    if (!store_places_take(store->places, request->bytes)) {
        store_request_free(request);
        store_engine_count_drop(store->engine);
        return ERR_FULL;
    }
    request->places = store->places;
    store_engine_submit(store->engine, request);
    return ERR_NONE;
}
