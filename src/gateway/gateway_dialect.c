#include "gateway/gateway_dialect.h"

enum {
    MODERN_FROM_VERSION = 7,
    HEADER_BYTES = 4, /* of an unmasked frame of up to 64 KiB */
};

enum gateway_dialect gateway_dialect_of(int64_t version, bool is_text)
{
    if (version > 0 && version < MODERN_FROM_VERSION)
        return GATEWAY_OLD;
    return is_text ? GATEWAY_SMALL : GATEWAY_MODERN;
}

struct device_pace gateway_dialect_pace(const struct gateway_firmware *firmware,
                                        enum gateway_dialect dialect)
{
    return (struct device_pace){
        .at_once =
            dialect == GATEWAY_MODERN ? firmware->commands_at_once : firmware->old_commands_at_once,
        .one_exchange = dialect == GATEWAY_SMALL,
    };
}

static size_t max_frame_bytes(const struct gateway_firmware *firmware, enum gateway_dialect dialect)
{
    switch (dialect) {
    case GATEWAY_MODERN:
        return SIZE_MAX;
    case GATEWAY_SMALL:
        return firmware->small_frame_bytes;
    case GATEWAY_OLD:
        return firmware->old_frame_bytes;
    }
    return SIZE_MAX;
}

bool gateway_dialect_fits(const struct gateway_firmware *firmware, enum gateway_dialect dialect,
                          size_t text_bytes)
{
    return text_bytes <= max_frame_bytes(firmware, dialect) - HEADER_BYTES;
}
