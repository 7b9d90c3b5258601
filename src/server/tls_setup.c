#include "server/tls_setup.h"

#include "base/alloc.h"
#include "server/certificate_names.h"
#include "server/file.h"
#include "tls/tls_kernel.h"
#include "tls/tls_make.h"
#include "tls/tls_server.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
    MADE_DAYS = 825,
    RENEW_DAYS = 30, /* what is made here is made again this long before its end */
    SECONDS_OF_DAY = 24 * 3600,
    NAMES_MAX_BYTES = 64 * 1024,
    CERTIFICATES_MAX = 16,
};

struct tls_setup {
    struct tls_server *modern;
    struct tls_server *old;
    uint64_t rotate_ms;
    bool record_layer;
    bool kernel;
};

/* The files of one load. */
struct files {
    struct tls_certificate_files items[CERTIFICATES_MAX];
    size_t count;
    char made[4][PATH_MAX]; /* room for the names of those made here */
};

static bool is_self_made(const struct config *config)
{
    return config->tls_certificates.count == 0;
}

static bool in_data(const struct config *config, const char *name, char out[PATH_MAX])
{
    return snprintf(out, PATH_MAX, "%s/%s", config->data, name) < PATH_MAX;
}

static void files_of(const struct config *config, struct files *out)
{
    static const char *const names[] = {"server-ecdsa.pem", "server-ecdsa.key", "server-rsa.pem",
                                        "server-rsa.key"};

    if (is_self_made(config)) {
        for (size_t i = 0; i < 4; i++)
            in_data(config, names[i], out->made[i]);
        out->items[0] = (struct tls_certificate_files){out->made[0], out->made[1]};
        out->items[1] = (struct tls_certificate_files){out->made[2], out->made[3]};
        out->count = 2;
        return;
    }
    out->count = config->tls_certificates.count;
    for (size_t i = 0; i < out->count; i++) {
        const struct certificate *certificate = &config->tls_certificates.items[i];

        out->items[i] = (struct tls_certificate_files){certificate->chain, certificate->key};
    }
}

static bool all_exist(const struct files *files)
{
    for (size_t i = 0; i < files->count; i++)
        if (access(files->items[i].chain, R_OK) != 0 || access(files->items[i].key, R_OK) != 0)
            return false;
    return true;
}

static void names_text(const struct certificate_names *names, struct buf *out)
{
    for (size_t i = 0; i < names->count; i++) {
        buf_append(out, names->views[i]);
        buf_append_byte(out, '\n');
    }
}

/* Those that were made last are good for the same names. */
static bool is_made_for(const char *path, struct str names)
{
    struct buf found = BUF_EMPTY;
    bool is_same = file_read(path, NAMES_MAX_BYTES, &found, NULL) == ERR_NONE &&
                   str_eq(buf_str(&found), names);

    buf_free(&found);
    return is_same;
}

static enum err make(const struct config *config, const struct certificate_names *names,
                     struct log *log, struct problem *problem)
{
    const struct tls_make_config make = {.directory = config->data,
                                         .names = names->views,
                                         .name_count = names->count,
                                         .days = MADE_DAYS};
    enum err err = tls_make(&make, problem);

    if (err)
        return err;
    log_info(log, "certificate.made", "directory=%s names=%zu ca=%s/ca.pem", config->data,
             names->count, config->data);
    return ERR_NONE;
}

/* Makes the certificates unless they are there, for the same names, and `must` is false. */
static enum err make_if_needed(const struct config *config, bool must, struct log *log,
                               struct problem *problem)
{
    struct certificate_names *names = alloc_zero(sizeof *names);
    struct files files;
    struct buf text = BUF_EMPTY;
    char names_path[PATH_MAX];
    enum err err = ERR_NONE;

    files_of(config, &files);
    certificate_names_collect(config, names);
    names_text(names, &text);
    if (!in_data(config, "server-names", names_path))
        err = problem_set(problem, ERR_INVALID, 0, "data: the path is too long");
    else if (must || !all_exist(&files) || !is_made_for(names_path, buf_str(&text)))
        err = make(config, names, log, problem);
    else
        goto out;
    if (!err)
        err = file_replace(names_path, buf_str(&text), problem);
out:
    buf_free(&text);
    free(names);
    return err;
}

static struct tls_server_config server_config(const struct tls_setup *setup,
                                              const struct files *files, bool old_tls)
{
    return (struct tls_server_config){.certificates = files->items,
                                      .certificate_count = files->count,
                                      .old_tls = old_tls,
                                      .record_layer = setup->record_layer,
                                      .kernel = setup->kernel,
                                      .ticket_rotate_ms = setup->rotate_ms};
}

static enum err open_servers(struct tls_setup *setup, const struct config *config,
                             const struct doors *doors, struct problem *problem)
{
    struct files files;
    enum err err = ERR_NONE;

    files_of(config, &files);
    if (doors_have(doors, DOOR_TLS)) {
        struct tls_server_config modern = server_config(setup, &files, false);

        err = tls_server_open(&modern, problem, &setup->modern);
    }
    if (!err && doors_have(doors, DOOR_TLS_OLD)) {
        struct tls_server_config old = server_config(setup, &files, true);

        err = tls_server_open(&old, problem, &setup->old);
    }
    return err;
}

static enum err reload_servers(struct tls_setup *setup, const struct config *config,
                               struct problem *problem)
{
    struct files files;
    struct tls_server_config modern;
    struct tls_server_config old;
    enum err err = ERR_NONE;

    files_of(config, &files);
    modern = server_config(setup, &files, false);
    old = server_config(setup, &files, true);
    if (setup->modern != NULL)
        err = tls_server_reload(setup->modern, &modern, problem);
    if (!err && setup->old != NULL)
        err = tls_server_reload(setup->old, &old, problem);
    return err;
}

static bool ends_soon(const struct tls_setup *setup)
{
    int64_t expiry = tls_setup_expiry(setup);

    return expiry != 0 && expiry - (int64_t)time(NULL) < (int64_t)RENEW_DAYS * SECONDS_OF_DAY;
}

static enum err open_all(struct tls_setup *setup, const struct config *config,
                         const struct doors *doors, struct log *log, struct problem *problem)
{
    enum err err;

    if (!is_self_made(config))
        return open_servers(setup, config, doors, problem);
    if ((err = make_if_needed(config, false, log, problem)))
        return err;
    if ((err = open_servers(setup, config, doors, problem)))
        return err;
    if (!ends_soon(setup))
        return ERR_NONE;
    if ((err = make_if_needed(config, true, log, problem)))
        return err;
    return reload_servers(setup, config, problem);
}

/* Asked once, so that no link asks in vain. */
static bool kernel_can(struct log *log)
{
    if (tls_kernel_is_there())
        return true;
    log_warn(log, "tls.no_kernel",
             "reason=\"this kernel has no TLS\" records=ours "
             "hint=\"load it with modprobe tls and start again, or set tls.kernel: false\"");
    return false;
}

enum err tls_setup_open(const struct config *config, const struct doors *doors, struct log *log,
                        struct problem *problem, struct tls_setup **out)
{
    struct tls_setup *setup = alloc_zero(sizeof *setup);
    bool has_tls = doors_have(doors, DOOR_TLS) || doors_have(doors, DOOR_TLS_OLD);
    enum err err;

    setup->rotate_ms = config->tls_ticket_rotate;
    setup->record_layer = config->tls_record_layer;
    setup->kernel = has_tls && config->tls_kernel && kernel_can(log);
    if (has_tls && (err = open_all(setup, config, doors, log, problem))) {
        tls_setup_close(setup);
        return err;
    }
    if (has_tls && is_self_made(config))
        log_info(log, "certificate.private", "ca=%s/ca.pem hint=\"clients must trust this file\"",
                 config->data);
    *out = setup;
    return ERR_NONE;
}

void tls_setup_close(struct tls_setup *setup)
{
    if (setup == NULL)
        return;
    tls_server_close(setup->modern);
    tls_server_close(setup->old);
    free(setup);
}

const struct transport_maker *tls_setup_transports(const struct tls_setup *setup,
                                                   enum door_kind kind)
{
    switch (kind) {
    case DOOR_TLS:
        return tls_server_maker(setup->modern);
    case DOOR_TLS_OLD:
        return tls_server_maker(setup->old);
    case DOOR_PLAIN:
    case DOOR_ADMIN:
        break;
    }
    return NULL;
}

enum err tls_setup_reload(struct tls_setup *setup, const struct config *config,
                          struct problem *problem)
{
    return reload_servers(setup, config, problem);
}

void tls_setup_rotate(struct tls_setup *setup, uint64_t now_ms)
{
    if (setup->modern != NULL)
        tls_server_rotate(setup->modern, now_ms);
    if (setup->old != NULL)
        tls_server_rotate(setup->old, now_ms);
}

int64_t tls_setup_expiry(const struct tls_setup *setup)
{
    struct tls_server *server = setup->modern != NULL ? setup->modern : setup->old;

    return server != NULL ? tls_server_expiry(server) : 0;
}
