#include "server/config_check.h"

#include "base/nearest.h"
#include "outbox/code_sender.h"
#include "outbox/outbox_url.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Variables that are ours and no options. */
static const char *const other_names[] = {"SWITCHYARD_CONFIG", "SWITCHYARD_CONTROL"};

enum { OTHERS = sizeof other_names / sizeof other_names[0] };

static enum err refuse(const struct config *config, struct problem *problem, const char *path,
                       const char *text)
{
    const struct config_source *source = &config->sources[option_index(option_find(str_of(path)))];
    size_t line = source->origin == CONFIG_FILE ? source->line : 0;

    return problem_set(problem, ERR_INVALID, line, "%s: %s", path, text);
}

static enum err check_listeners(const struct config *config, struct problem *problem)
{
    if (config->listen_tls.count + config->listen_tls_old.count + config->listen_plain.count == 0)
        return refuse(config, problem, "listen.tls",
                      "nobody could connect: listen.tls, listen.tls_old and listen.plain are all "
                      "empty");
    return ERR_NONE;
}

static bool is_ip(const char *text)
{
    bool is_v6 = strchr(text, ':') != NULL;
    char with_port[64];
    struct address address;

    if (strchr(text, '[') != NULL)
        return false;
    snprintf(with_port, sizeof with_port, "%s%s%s:1", is_v6 ? "[" : "", text, is_v6 ? "]" : "");
    return address_parse(str_of(with_port), &address) == ERR_NONE && !address_is_any(&address);
}

/* Letters, digits, '-', '_' and '.': what a host name, a region and an id may consist of. */
static bool is_name(const char *text)
{
    for (; *text != '\0'; text++)
        if (!isalnum((unsigned char)*text) && strchr("-_.", *text) == NULL)
            return false;
    return true;
}

static enum err check_names(const struct config *config, struct problem *problem)
{
    static const char not_name[] = "expected letters, digits, '-', '_' and '.' only";

    if (config->advertise_ip[0] != '\0' && !is_ip(config->advertise_ip))
        return refuse(config, problem, "advertise.ip",
                      "expected an IP address that clients can reach, such as 192.0.2.7");
    if (!is_name(config->advertise_domain))
        return refuse(config, problem, "advertise.domain", not_name);
    if (!is_name(config->node_id))
        return refuse(config, problem, "node.id", not_name);
    if (!is_name(config->node_region))
        return refuse(config, problem, "node.region", not_name);
    return ERR_NONE;
}

static enum err check_tls(const struct config *config, struct problem *problem)
{
    if (config->tls_kernel && !config->tls_record_layer)
        return refuse(config, problem, "tls.kernel",
                      "needs tls.record_layer: true, whose keys the kernel takes over");
    return ERR_NONE;
}

static enum err check_verification(const struct config *config, struct problem *problem)
{
    bool is_mail = config->verification_sender == CODE_WAY_SMTP;
    const char *complaint;

    if (!is_mail && config->verification_sender != CODE_WAY_WEBHOOK)
        return ERR_NONE;
    complaint = outbox_url_check(config->verification_url, is_mail ? PARCEL_MAIL : PARCEL_POST);
    if (complaint != NULL)
        return problem_set(problem, ERR_INVALID, 0,
                           "verification.url: verification.sender needs %s", complaint);
    if (is_mail && strchr(config->verification_from, '@') == NULL)
        return refuse(config, problem, "verification.from",
                      "verification.sender: smtp needs the address that mails come from");
    return ERR_NONE;
}

static enum err check_limits(const struct config *config, struct problem *problem)
{
    if (config->limits_line_bytes > config->limits_head_bytes)
        return refuse(config, problem, "limits.line_bytes",
                      "must not be larger than limits.head_bytes");
    if (config->limits_queued_bytes < config->limits_message_bytes)
        return refuse(config, problem, "limits.queued_bytes",
                      "must not be smaller than limits.message_bytes, or a message that came could "
                      "not be passed on");
    if (config->heartbeat_interval % 1000 != 0)
        return refuse(config, problem, "heartbeat.interval",
                      "expected whole seconds, as clients are told them");
    return ERR_NONE;
}

enum err config_check(const struct config *config, struct problem *problem)
{
    enum err err;

    if ((err = check_listeners(config, problem)))
        return err;
    if ((err = check_names(config, problem)))
        return err;
    if ((err = check_tls(config, problem)))
        return err;
    if ((err = check_verification(config, problem)))
        return err;
    return check_limits(config, problem);
}

static bool is_other(struct str name)
{
    for (size_t i = 0; i < OTHERS; i++)
        if (str_eq(name, str_of(other_names[i])))
            return true;
    return false;
}

static const char *nearest_env(struct str name, char room[OPTION_COUNT][OPTION_NAME_CAP])
{
    const char *names[OPTION_COUNT + OTHERS];

    for (size_t i = 0; i < OPTION_COUNT; i++)
        names[i] = option_env(option_at(i), room[i]);
    memcpy(names + OPTION_COUNT, other_names, sizeof other_names);
    return nearest_name(name, names, OPTION_COUNT + OTHERS);
}

void config_check_environment(const struct environment *environment, struct buf *out)
{
    char room[OPTION_COUNT][OPTION_NAME_CAP];
    struct str name;
    const char *value;
    size_t at = 0;

    while (environment_next(environment, STR(OPTION_ENV_PREFIX), &at, &name, &value)) {
        if (option_find_env(name) != NULL || is_other(name))
            continue;

        const char *nearest = nearest_env(name, room);

        buf_printf(out, STR_FMT ": no such option", STR_ARG(name));
        if (nearest != NULL)
            buf_printf(out, "; did you mean %s?", nearest);
        buf_append_byte(out, '\n');
    }
}
