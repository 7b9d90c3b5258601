#include "admin/admin_http.h"

#include "admin/admin_health.h"
#include "base/json_out.h"
#include "http/http_exchange.h"

static void respond(struct http_exchange *exchange, unsigned status, struct str type,
                    struct buf *body)
{
    const struct http_response response = {
        .status = status,
        .content_type = type,
        .body = buf_str(body),
        .headers = STR("Cache-Control: no-store\r\n"),
    };

    http_exchange_respond(exchange, &response);
    buf_free(body);
}

static void on_livez(void *ctx, struct http_exchange *exchange, const struct http_request *request,
                     struct str request_body)
{
    struct buf body = BUF_EMPTY;

    (void)ctx;
    (void)request;
    (void)request_body;
    buf_append(&body, STR("{\"live\":true}"));
    respond(exchange, 200, STR_EMPTY, &body);
}

static void on_readyz(void *ctx, struct http_exchange *exchange, const struct http_request *request,
                      struct str request_body)
{
    const char *reasons[ADMIN_HEALTH_REASONS];
    size_t count = admin_health_reasons(ctx, reasons);
    struct buf body = BUF_EMPTY;
    struct json_out out = json_out_to(&body);

    (void)request;
    (void)request_body;
    json_out_object(&out, NULL);
    json_out_bool(&out, "ready", count == 0);
    json_out_array(&out, "reasons");
    for (size_t i = 0; i < count; i++)
        json_out_str(&out, NULL, str_of(reasons[i]));
    json_out_end_array(&out);
    json_out_end_object(&out);
    respond(exchange, count == 0 ? 200 : 503, STR_EMPTY, &body);
}

/* A label's value: backslash, quote and LF are escaped (text format 0.0.4). */
static void put_label(struct buf *out, struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        char byte = value.ptr[i];

        if (byte == '\\' || byte == '"' || byte == '\n')
            buf_append_byte(out, '\\');
        buf_append_byte(out, byte == '\n' ? 'n' : byte);
    }
}

/* What belongs to the process and not to a thread, so that it is in no set. */
static void put_process(struct buf *out, const struct admin_config *config)
{
    buf_append(out, STR("# HELP switchyard_build_info The version that runs.\n"
                        "# TYPE switchyard_build_info gauge\n"
                        "switchyard_build_info{version=\""));
    put_label(out, str_of(config->version));
    buf_append(out, STR("\",node=\""));
    put_label(out, str_of(config->node_id));
    buf_append(out, STR("\"} 1\n"));
    buf_printf(out,
               "# HELP process_resident_memory_bytes Resident memory size in bytes.\n"
               "# TYPE process_resident_memory_bytes gauge\n"
               "process_resident_memory_bytes %llu\n",
               (unsigned long long)admin_health_memory());
    buf_printf(out,
               "# HELP process_start_time_seconds Start time of the process since unix epoch in "
               "seconds.\n"
               "# TYPE process_start_time_seconds gauge\n"
               "process_start_time_seconds %lld.%03lld\n",
               (long long)(config->started_ms / 1000), (long long)(config->started_ms % 1000));
}

static void on_metrics(void *ctx, struct http_exchange *exchange,
                       const struct http_request *request, struct str request_body)
{
    const struct admin_config *config = ctx;
    struct buf body = BUF_EMPTY;

    (void)request;
    (void)request_body;
    metric_set_to(config->own_metrics, METRIC_CERT_EXPIRY,
                  config->hooks->cert_expiry(config->hooks_ctx));
    metric_format(config->metrics, config->metric_count, &body);
    put_process(&body, config);
    respond(exchange, 200, STR("text/plain; version=0.0.4; charset=utf-8"), &body);
}

void admin_http_routes(struct admin_config *config, struct http_route out[ADMIN_HTTP_ROUTES])
{
    out[0] = (struct http_route){STR("GET"), STR("/livez"), on_livez, config, false};
    out[1] = (struct http_route){STR("GET"), STR("/readyz"), on_readyz, config, false};
    out[2] = (struct http_route){STR("GET"), STR("/metrics"), on_metrics, config, false};
}
