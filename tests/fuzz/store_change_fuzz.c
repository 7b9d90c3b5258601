#include "store/store_change.h"

#include "base/buf.h"
#include "store/store_device.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What was read, written once more, is what was read: the format has one way to say each thing, but
 * for varints with idle bytes, which may be longer than ours. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = malloc(size + 1);
    struct str rest = {bytes, size};
    struct buf again = BUF_EMPTY;
    struct store_device_change change;
    int64_t number;
    enum err err;

    if (size > 0)
        memcpy(bytes, data, size);
    err = store_change_open(&rest);
    store_change_start(&again);
    while (err == ERR_NONE && (err = store_change_next(&rest, &number, &change)) == ERR_NONE) {
        assert(number > 0 && !store_change_is_empty(&change));
        assert(change.params.len <= STORE_PARAMS_MAX && change.model.len < STORE_MODEL_CAP);
        assert(change.online_ms >= 0 && change.offline_ms >= 0);
        store_change_append(&again, number, &change);
        assert(again.len <= (size_t)(rest.ptr - bytes));
    }
    assert(err == ERR_NOT_FOUND || err == ERR_INVALID);
    buf_free(&again);
    free(bytes);
    return 0;
}
