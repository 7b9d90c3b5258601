/*
 * Any bytes at a fresh server transport: nobody without the keys gets through, a refusal is told,
 * what is answered stays small, and none of it depends on how the bytes are cut.
 */
#include "tls/tls_make.h"
#include "tls/tls_server.h"

#include "fuzz.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    ANSWER_MAX = 16 * 1024,
    INPUT_MAX = 64 * 1024,
    PLAIN_CAP = INPUT_MAX + TRANSPORT_READ_SLACK
};

static void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;

    assert(folder != NULL);
    while ((entry = readdir(folder)) != NULL)
        unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
    rmdir(path);
}

/* Old TLS is on: more of what OpenSSL knows can be reached. */
static struct tls_server *make_server(void)
{
    const struct str name = STR("localhost");
    char folder[] = "/tmp/tls_fuzz_XXXXXX";
    char paths[4][64];
    struct tls_certificate_files files[] = {{paths[0], paths[1]}, {paths[2], paths[3]}};
    struct tls_make_config make = {folder, &name, 1, 30};
    struct tls_server_config config = {
        .certificates = files, .certificate_count = 2, .old_tls = true, .ticket_rotate_ms = 1000};
    struct tls_server *server = NULL;
    bool is_made = mkdtemp(folder) != NULL && tls_make(&make, NULL) == ERR_NONE;

    assert(is_made);
    snprintf(paths[0], sizeof paths[0], "%s/server-ecdsa.pem", folder);
    snprintf(paths[1], sizeof paths[1], "%s/server-ecdsa.key", folder);
    snprintf(paths[2], sizeof paths[2], "%s/server-rsa.pem", folder);
    snprintf(paths[3], sizeof paths[3], "%s/server-rsa.key", folder);
    is_made = tls_server_open(&config, NULL, &server) == ERR_NONE;
    assert(is_made);
    remove_folder(folder);
    return server;
}

/* What the transport says to `bytes`, handed in `step` at a time. */
static enum transport_status feed(struct tls_server *server, struct str bytes, size_t step)
{
    static char plain[PLAIN_CAP];
    struct transport *transport = tls_server_transport(server, NULL);
    enum transport_status status = TRANSPORT_OK;
    struct buf answer = BUF_EMPTY;

    transport->ops->start(transport, &answer);
    assert(answer.len == 0);
    while (bytes.len > 0 && status == TRANSPORT_OK) {
        struct transport_read out = {.ptr = plain, .cap = sizeof plain};
        struct str part = str_sub(bytes, 0, step);

        status = transport->ops->read(transport, part, &out, &answer);
        assert(out.len == 0 && !out.established && status != TRANSPORT_ENDED);
        bytes = str_sub(bytes, part.len, bytes.len);
    }
    assert(status == TRANSPORT_OK || answer.len > 0);
    assert(answer.len <= ANSWER_MAX);
    transport->ops->close(transport, &answer);
    transport->ops->free(transport);
    buf_free(&answer);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tls_server *server; /* kept for the whole run: its keys are slow to make */
    struct str bytes = {(const char *)data, size};

    if (size > INPUT_MAX)
        return 0;
    if (server == NULL)
        server = make_server();
    assert(feed(server, bytes, SIZE_MAX) == feed(server, bytes, 1));
    return 0;
}
