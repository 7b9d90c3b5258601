#include "domain/history_entry.h"

#include "base/pack.h"
#include "store/store_history_pack.h"

enum { VERSION = 1, TEXT_MAX = 64, BITS = 8, MASK = 0xff };

static struct str short_text(struct str text, size_t max)
{
    return text.len > max ? STR_EMPTY : text;
}

/* The small numbers share one; the version is the lowest. */
static int64_t pack_head(const struct device_event *event)
{
    return VERSION | (int64_t)event->kind << BITS | (int64_t)event->loss << 2 * BITS |
           (int64_t)event->source << 3 * BITS | (int64_t)event->outcome << 4 * BITS;
}

void history_entry_pack(struct buf *out, const struct device_event *event)
{
    bool is_owner = str_eq(event->account, event->owner);
    size_t begin = store_history_begin(out);

    pack_int(out, pack_head(event));
    pack_int(out, event->at_ms);
    if (event->kind == DEVICE_COMMAND) {
        pack_int(out, event->error);
        pack_int(out, (int64_t)event->latency_us);
    }
    pack_text(out, is_owner ? STR(HISTORY_OWNER) : short_text(event->account, TEXT_MAX));
    pack_text(out, short_text(event->params, HISTORY_PARAMS_MAX));
    pack_text(out, short_text(event->peer, TEXT_MAX));
    pack_text(out, short_text(event->model, TEXT_MAX));
    store_history_end(out, begin);
}

static bool read_head(int64_t head, struct device_event *out)
{
    unsigned kind = (unsigned)(head >> BITS) & MASK;
    unsigned loss = (unsigned)(head >> 2 * BITS) & MASK;
    unsigned source = (unsigned)(head >> 3 * BITS) & MASK;
    unsigned outcome = (unsigned)(head >> 4 * BITS) & MASK;

    out->kind = (enum device_event_kind)kind;
    out->loss = (enum device_loss)loss;
    out->source = (enum device_source)source;
    out->outcome = (enum command_outcome)outcome;
    return (head & MASK) == VERSION && kind < DEVICE_EVENT_KINDS && loss < DEVICE_LOSSES &&
           source < DEVICE_SOURCES && outcome < COMMAND_OUTCOMES;
}

bool history_entry_read(struct str entry, struct device_event *out)
{
    struct pack_reader reader = {.rest = entry};

    *out = (struct device_event){.kind = DEVICE_ONLINE};
    if (!read_head(pack_read_int(&reader), out))
        return false;
    out->at_ms = pack_read_int(&reader);
    if (out->kind == DEVICE_COMMAND) {
        out->error = pack_read_int(&reader);
        out->latency_us = (uint64_t)pack_read_int(&reader);
    }
    out->account = pack_read_text(&reader);
    out->params = pack_read_text(&reader);
    out->peer = pack_read_text(&reader);
    out->model = pack_read_text(&reader);
    return pack_is_whole(&reader);
}
