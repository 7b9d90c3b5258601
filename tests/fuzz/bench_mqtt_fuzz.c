#include "bench/bench_mqtt.h"

#include "fuzz.h"

#include <assert.h>
#include <stdint.h>

/* What is found does not depend on what follows, nor on how the bytes came. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = {(const char *)data, size};
    struct bench_mqtt_packet packet;
    struct bench_mqtt_packet again;

    if (bench_mqtt_read(bytes, &packet) != BENCH_MQTT_DONE)
        return 0;
    assert(packet.taken >= 2 && packet.taken <= size);
    assert(packet.payload.len < packet.taken);
    assert(packet.payload.len == 0 ||
           packet.payload.ptr + packet.payload.len == bytes.ptr + packet.taken);
    assert(bench_mqtt_read(str_sub(bytes, 0, packet.taken), &again) == BENCH_MQTT_DONE);
    assert(again.taken == packet.taken && again.type == packet.type);
    assert(bench_mqtt_read(str_sub(bytes, 0, packet.taken - 1), &again) == BENCH_MQTT_MORE);
    return 0;
}
