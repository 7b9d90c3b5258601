#include "admin/admin_status.h"

#include "admin/admin_health.h"
#include "admin/admin_log.h"
#include "admin/admin_text.h"

static void write_health(struct json_out *out, const struct admin_config *config)
{
    const char *reasons[ADMIN_HEALTH_REASONS];
    size_t count = admin_health_reasons(config, reasons);

    json_out_bool(out, "ready", count == 0);
    json_out_array(out, "reasons");
    for (size_t i = 0; i < count; i++)
        json_out_str(out, NULL, str_of(reasons[i]));
    json_out_end_array(out);
}

static void write_metric(struct json_out *out, const char *key, const struct admin_config *config,
                         enum metric metric)
{
    json_out_int(out, key, metric_total(config->metrics, config->metric_count, metric));
}

void admin_status_show(struct admin_call *call)
{
    const struct admin_config *config = admin_call_config(call);
    struct json_out *out = admin_call_begin_result(call);

    json_out_str(out, "version", str_of(config->version));
    json_out_str(out, "node", str_of(config->node_id));
    write_health(out, config);
    admin_text_time(out, "now_at", loop_wall_ms(config->loop));
    admin_text_time(out, "started_at", config->started_ms);
    json_out_int(out, "uptime_ms", loop_wall_ms(config->loop) - config->started_ms);
    json_out_int(out, "workers", (int64_t)config->workers->count);
    write_metric(out, "connections", config, METRIC_CONN_OPEN);
    write_metric(out, "apps_online", config, METRIC_LINK_APP);
    write_metric(out, "devices_online", config, METRIC_LINK_DEVICE);
    write_metric(out, "dispatches_ok", config, METRIC_DISPATCH_0);
    write_metric(out, "commands_ok", config, METRIC_COMMAND_OK);
    write_metric(out, "share_requests_done", config, METRIC_SHARE_DONE);
    write_metric(out, "store_queue", config, METRIC_STORE_QUEUE);
    write_metric(out, "store_failures", config, METRIC_STORE_FAILED);
    json_out_int(out, "memory_bytes", (int64_t)admin_health_memory());
    admin_text_time(out, "certificate_expires_at",
                    config->hooks->cert_expiry(config->hooks_ctx) * 1000);
    json_out_str(out, "log_level", str_of(admin_log_level_name(config->log)));
    admin_call_finish(call);
}
