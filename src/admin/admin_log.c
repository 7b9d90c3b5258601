#include "admin/admin_log.h"

enum { LEVEL_CAP = 16 };

const char *admin_log_level_name(const struct log *log)
{
    enum log_level level = LOG_DEBUG;

    while (level > LOG_ERROR && !log_is_on(log, level))
        level--;
    return log_level_name(level);
}

void admin_log_level(struct admin_call *call)
{
    struct log *log = admin_call_config(call)->log;
    enum log_level level;
    char name[LEVEL_CAP];

    if (!admin_call_text(call, "level", name, sizeof name))
        return;
    if (admin_call_has(call, "level")) {
        if (!log_level_parse(str_of(name), &level)) {
            admin_call_refuse(call, ERR_INVALID, NULL,
                              "'level' must be error, warn, info or debug");
            return;
        }
        log_set_level(log, level);
    }
    json_out_str(admin_call_begin_result(call), "level", str_of(admin_log_level_name(log)));
    admin_call_finish(call);
}
