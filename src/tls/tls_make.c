#include "tls/tls_make.h"

#include "tls/tls_certificate.h"
#include "tls/tls_issue.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHOWN_BYTES = 100 }; /* of a wrong name, in a problem's text */

static bool path_of(const struct tls_make_config *config, const char *name, char out[PATH_MAX])
{
    int len = snprintf(out, PATH_MAX, "%s/%s", config->directory, name);

    return len >= 0 && len < PATH_MAX;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t written = write(fd, bytes, len);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        len -= (size_t)written;
    }
    return true;
}

/* Writes beside the target and renames: a reader sees the old file or the new one, whole. */
static bool replace_file(const char *path, mode_t mode, struct str text)
{
    char draft_path[PATH_MAX];
    int len = snprintf(draft_path, sizeof draft_path, "%s.XXXXXX", path);
    int fd = len > 0 && (size_t)len < sizeof draft_path ? mkostemp(draft_path, O_CLOEXEC) : -1;
    bool ok;
    int saved;

    if (fd < 0)
        return false;
    ok = fchmod(fd, mode) == 0 && write_all(fd, text.ptr, text.len) && fsync(fd) == 0;
    saved = errno;
    if (close(fd) == 0 && ok && rename(draft_path, path) == 0)
        return true;
    if (!ok)
        errno = saved;
    saved = errno;
    unlink(draft_path);
    errno = saved;
    return false;
}

static enum err write_pem(const struct tls_make_config *config, const char *name, mode_t mode,
                          BIO *pem, struct problem *problem)
{
    char path[PATH_MAX];
    char *text;
    long len = BIO_get_mem_data(pem, &text);

    if (!path_of(config, name, path))
        return problem_set(problem, ERR_IO, 0, "the path of the certificate directory is too long");
    if (!replace_file(path, mode, (struct str){text, (size_t)len}))
        return problem_set(problem, ERR_IO, 0, "can't write %s: %s", path, strerror(errno));
    return ERR_NONE;
}

/* The key first: a pair that a crash tore apart is refused at load, and made again by a rerun. */
static enum err write_pair(const struct tls_make_config *config, const char *stem,
                           const struct tls_issue *pair, struct problem *problem)
{
    BIO *key = BIO_new(BIO_s_secmem()); /* wiped when freed */
    BIO *certificate = BIO_new(BIO_s_mem());
    char name[32];
    enum err err;

    assert(key != NULL && certificate != NULL);
    if (!PEM_write_bio_PrivateKey(key, pair->key, NULL, NULL, 0, NULL, NULL) ||
        !PEM_write_bio_X509(certificate, pair->certificate))
        abort(); /* of our own making just now: memory only */
    snprintf(name, sizeof name, "%s.key", stem);
    err = write_pem(config, name, 0600, key, problem);
    snprintf(name, sizeof name, "%s.pem", stem);
    if (!err)
        err = write_pem(config, name, 0644, certificate, problem);
    BIO_free(key);
    BIO_free(certificate);
    return err;
}

static enum err read_ca(const char *certificate_path, const char *key_path, struct problem *problem,
                        struct tls_issue *out)
{
    struct tls_certificate_files files = {certificate_path, key_path};
    struct tls_certificate loaded = TLS_CERTIFICATE_EMPTY;
    enum err err = tls_certificate_load(&files, problem, &loaded);

    if (err)
        return err;
    if (X509_check_ca(loaded.leaf) != 1)
        err = problem_set(problem, ERR_INVALID, 0,
                          "%s is not the certificate of a CA; move it away to make a new one",
                          certificate_path);
    else if (X509_cmp_current_time(X509_get0_notAfter(loaded.leaf)) < 0)
        err = problem_set(problem, ERR_EXPIRED, 0,
                          "the CA %s has expired; move it and its key away to make a new one",
                          certificate_path);
    if (!err) {
        X509_up_ref(loaded.leaf);
        EVP_PKEY_up_ref(loaded.key);
        *out = (struct tls_issue){loaded.leaf, loaded.key};
    }
    tls_certificate_fini(&loaded);
    return err;
}

static enum err make_ca(const struct tls_make_config *config, struct problem *problem,
                        struct tls_issue *out)
{
    struct tls_issue ca = tls_issue_ca();
    enum err err = write_pair(config, "ca", &ca, problem);

    if (err)
        tls_issue_fini(&ca);
    else
        *out = ca;
    return err;
}

/* Half a CA is nothing to build on, and nothing to overwrite: clients may trust it. */
static enum err find_or_make_ca(const struct tls_make_config *config, struct problem *problem,
                                struct tls_issue *out)
{
    char certificate_path[PATH_MAX];
    char key_path[PATH_MAX];
    bool has_certificate;
    bool has_key;

    if (!path_of(config, "ca.pem", certificate_path) || !path_of(config, "ca.key", key_path))
        return problem_set(problem, ERR_IO, 0, "the path of the certificate directory is too long");
    has_certificate = access(certificate_path, F_OK) == 0;
    has_key = access(key_path, F_OK) == 0;
    if (!has_certificate && !has_key)
        return make_ca(config, problem, out);
    if (has_certificate && has_key)
        return read_ca(certificate_path, key_path, problem, out);
    return problem_set(problem, ERR_INVALID, 0,
                       "%s is there but %s is not; put it back, or move the other away to make a "
                       "new CA",
                       has_key ? key_path : certificate_path, has_key ? "ca.pem" : "ca.key");
}

static enum err make_server(const struct tls_make_config *config, const struct tls_issue *ca,
                            bool is_rsa, struct problem *problem)
{
    struct tls_issue_request request = {config->names, config->name_count, config->days, is_rsa};
    struct tls_issue server = tls_issue_server(ca, &request);
    enum err err = write_pair(config, is_rsa ? "server-rsa" : "server-ecdsa", &server, problem);

    tls_issue_fini(&server);
    return err;
}

static enum err check_names(const struct tls_make_config *config, struct problem *problem)
{
    if (config->name_count == 0)
        return problem_set(problem, ERR_INVALID, 0,
                           "a certificate needs at least one host name or IP address");
    for (size_t i = 0; i < config->name_count; i++) {
        struct str name = config->names[i];

        if (!tls_issue_is_name(name))
            return problem_set(problem, ERR_INVALID, 0,
                               "\"" STR_FMT
                               "\" is neither a host name (such as iot.example.org or "
                               "*.example.org) nor an IP address",
                               STR_ARG(str_sub(name, 0, SHOWN_BYTES)));
    }
    return ERR_NONE;
}

enum err tls_make(const struct tls_make_config *config, struct problem *problem)
{
    struct tls_issue ca = TLS_ISSUE_EMPTY;
    enum err err;

    if ((err = check_names(config, problem)))
        return err;
    if (config->days == 0 || config->days > TLS_ISSUE_CA_DAYS)
        return problem_set(problem, ERR_INVALID, 0,
                           "a certificate can be valid for 1 to %d days, not %u", TLS_ISSUE_CA_DAYS,
                           config->days);
    if ((err = find_or_make_ca(config, problem, &ca)))
        return err;
    err = make_server(config, &ca, false, problem);
    if (!err)
        err = make_server(config, &ca, true, problem);
    tls_issue_fini(&ca);
    return err;
}
