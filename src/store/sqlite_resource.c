#include "store/sqlite_resource.h"

#define SERVICE(id, name)
#define RESOURCE(id, name) extern const struct sqlite_resource sqlite_##name;
#include "store/store_resource.def"
#undef RESOURCE

static const struct sqlite_resource *const resources[] = {
#define RESOURCE(id, name) [STORE_##id] = &sqlite_##name,
#include "store/store_resource.def"
#undef RESOURCE
#undef SERVICE
};

enum err sqlite_resource_carry_out(struct sqlite_conn *conn, struct store_request *request)
{
    return resources[request->resource]->verbs[request->verb](conn, request);
}
