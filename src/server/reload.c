#include "server/reload.h"

enum { QUOTED_CAP = 320 };

static void log_problem(const struct reload *reload, const char *event,
                        const struct problem *problem)
{
    char quoted[QUOTED_CAP];

    log_quote(str_of(problem->text), quoted, sizeof quoted);
    if (problem->line > 0)
        log_error(reload->log, event, "file=%s line=%zu reason=%s kept=old", reload->inputs->file,
                  problem->line, quoted);
    else
        log_error(reload->log, event, "reason=%s kept=old", quoted);
}

static void take_over(const struct reload *reload, const struct config *fresh,
                      const struct option *option)
{
    const struct config_source *source = &fresh->sources[option_index(option)];
    struct config_given given = {.option = option, .origin = source->origin, .line = source->line};

    config_items(fresh, option, &given.items);
    if (config_set(reload->config, &given, NULL) == ERR_NONE)
        log_info(reload->log, "config.changed", "option=%s", option->path);
}

static void compare(const struct reload *reload, const struct config *fresh,
                    const struct option *option)
{
    if (config_is_same(reload->config, fresh, option))
        return;
    if (option->reload == OPTION_RELOADS)
        take_over(reload, fresh, option);
    else
        log_warn(reload->log, "config.needs_restart", "option=%s kept=old", option->path);
}

static void reload_certificates(const struct reload *reload, const struct config *fresh)
{
    struct problem problem = {.line = 0};

    if (tls_setup_reload(reload->tls, fresh, &problem)) {
        log_problem(reload, "certificate.failed", &problem);
        return;
    }
    log_info(reload->log, "certificate.reloaded", "expiry_s=%lld",
             (long long)tls_setup_expiry(reload->tls));
}

void reload_run(const struct reload *reload)
{
    struct problem problem = {.line = 0};
    struct config *fresh;
    unsigned level = reload->config->log_level;

    if (config_load(reload->inputs, &problem, &fresh)) {
        log_problem(reload, "config.failed", &problem);
        reload_certificates(reload, reload->config);
        return;
    }
    for (size_t i = 0; i < OPTION_COUNT; i++)
        compare(reload, fresh, option_at(i));
    if (reload->config->log_level != level)
        log_set_level(reload->log, (enum log_level)reload->config->log_level);
    reload_certificates(reload, reload->config);
    config_free(fresh);
}
