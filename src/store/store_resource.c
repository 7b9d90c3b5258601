#include "store/store_resource.h"

#include <assert.h>

#define RESOURCE(id, name) extern const struct store_resource store_##name##_resource;
#define SERVICE(id, name) RESOURCE(id, name)
#include "store/store_resource.def"
#undef RESOURCE

static const struct store_resource *const resources[] = {
#define RESOURCE(id, name) [STORE_##id] = &store_##name##_resource,
#include "store/store_resource.def"
#undef SERVICE
#undef RESOURCE
};

const struct store_verb *store_resource_verb(enum store_resource_id resource, unsigned verb)
{
    assert(resource < STORE_RESOURCES && verb < resources[resource]->count);
    return &resources[resource]->verbs[verb];
}
