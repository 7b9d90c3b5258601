/* What an idle link takes, object by object: prints it, and fails when one has grown unnoticed. */
#include "domain/account.h"
#include "domain/device.h"
#include "gateway/gateway_link.h"
#include "net/conn_private.h"
#include "tls/tls_record_private.h"
#include "ws/ws_link_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { ID_BYTES = sizeof "1000abcdef" };

struct part {
    const char *name;
    size_t size;
    size_t recorded; /* as docs/performance.md, "Where a link's bytes go", has it */
};

static const struct part link_parts[] = {
    {"conn", sizeof(struct conn), 152},
    {"tls_record", sizeof(struct tls_record), 248},
    {"ws_link", sizeof(struct ws_link), 64},
    {"gateway_link", sizeof(struct gateway_link), 104},
};

static const struct part device_parts[] = {
    {"device_link", sizeof(struct device_link), 56},
    {"device", offsetof(struct device, id) + ID_BYTES, 145},
};

static const struct part app_parts[] = {
    {"session", sizeof(struct session), 72},
    {"account", sizeof(struct account), 88},
};

static size_t sum_of(const struct part *parts, size_t count)
{
    size_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        printf("%-14s %4zu bytes\n", parts[i].name, parts[i].size);
        if (parts[i].size > parts[i].recorded)
            fail_msg(
                "%s has grown from %zu to %zu bytes, in every link. If that is worth it, change "
                "the table here and the one in docs/performance.md.",
                parts[i].name, parts[i].recorded, parts[i].size);
        sum += parts[i].size;
    }
    return sum;
}

#define SUM_OF(parts) sum_of(parts, sizeof(parts) / sizeof *(parts))

static void a_link_takes_no_more_than_is_recorded(void **unused)
{
    size_t link = SUM_OF(link_parts);
    size_t device = SUM_OF(device_parts);
    size_t app = SUM_OF(app_parts);

    (void)unused;
    printf("a device's link %zu bytes, an app's %zu, with its account\n", link + device,
           link + app);
    assert_in_range(link + device, 1, 1024 - 128); /* the rest is the map's and the pool's */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_takes_no_more_than_is_recorded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
