#include "admin/admin_health.h"

#include <fcntl.h>
#include <unistd.h>

size_t admin_health_reasons(const struct admin_config *config,
                            const char *out[ADMIN_HEALTH_REASONS])
{
    size_t count = 0;

    if (config->hooks->is_draining(config->hooks_ctx))
        out[count++] = "draining";
    if (!config->hooks->is_listening(config->hooks_ctx))
        out[count++] = "a listener is not open";
    if (!store_is_healthy(config->store))
        out[count++] = "the store's last commit failed";
    return count;
}

/* The second number of statm: pages that are resident (proc(5)). */
uint64_t admin_health_memory(void)
{
    char text[128];
    struct str rest;
    struct str word;
    uint64_t pages = 0;
    ssize_t got;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return 0;
    got = read(fd, text, sizeof text);
    close(fd);
    rest = (struct str){text, got > 0 ? (size_t)got : 0};
    if (!str_split(&rest, ' ', &word) || !str_split(&rest, ' ', &word) || !str_to_u64(word, &pages))
        return 0;
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}
