#include "net/tls_make.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "net/tls_certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    CA_DAYS = 3653,    /* ten years */
    BACKDATE_S = 3600, /* clients' clocks are a little wrong */
    SERIAL_BYTES = 16,
    COMMON_NAME_MAX = 64, /* ub-common-name, RFC 5280 appendix A.1 */
    HOST_NAME_MAX_BYTES = 253,
    LABEL_MAX_BYTES = 63,
    RSA_BITS = 2048,
    SECONDS_OF_DAY = 24 * 3600,
};

/* A certificate and its key, made or read. */
struct pair {
    X509 *certificate;
    EVP_PKEY *key;
};

static void pair_fini(struct pair *pair)
{
    X509_free(pair->certificate);
    EVP_PKEY_free(pair->key);
    *pair = (struct pair){NULL, NULL};
}

/* ---- names ---- */

static bool is_label(struct str label)
{
    if (label.len == 0 || label.len > LABEL_MAX_BYTES)
        return false;
    for (size_t i = 0; i < label.len; i++) {
        char byte = label.ptr[i];
        bool is_inner = i > 0 && i + 1 < label.len;
        bool is_alphanumeric = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                               (byte >= '0' && byte <= '9');

        if (!is_alphanumeric && !(byte == '-' && is_inner))
            return false;
    }
    return true;
}

/* RFC 1123 section 2.1, optionally below a "*." of its own. */
static bool is_host_name(struct str name)
{
    struct str rest = str_starts(name, STR("*.")) ? str_sub(name, 2, name.len) : name;
    struct str label = STR_EMPTY;

    if (name.len > HOST_NAME_MAX_BYTES || rest.len == 0 || rest.ptr[rest.len - 1] == '.')
        return false;
    while (str_split(&rest, '.', &label)) {
        if (!is_label(label))
            return false;
    }
    /* A top label of digits only would be a mistyped IPv4 address. */
    for (size_t i = 0; i < label.len; i++) {
        if (label.ptr[i] < '0' || label.ptr[i] > '9')
            return true;
    }
    return false;
}

/* The 4 or 16 bytes of an IP address text; 0 when it is none. */
static size_t ip_of(struct str name, uint8_t out[16])
{
    char text[INET6_ADDRSTRLEN];

    if (!str_copy(name, text, sizeof text))
        return 0;
    if (inet_pton(AF_INET, text, out) == 1)
        return 4;
    return inet_pton(AF_INET6, text, out) == 1 ? 16 : 0;
}

static enum err check_names(const struct tls_make_config *config, struct problem *problem)
{
    uint8_t ip[16];

    if (config->name_count == 0)
        return problem_set(problem, ERR_INVALID, 0,
                           "a certificate needs at least one host name or IP address");
    for (size_t i = 0; i < config->name_count; i++) {
        struct str name = config->names[i];

        if (ip_of(name, ip) == 0 && !is_host_name(name))
            return problem_set(problem, ERR_INVALID, 0,
                               "name number %zu of the certificate is neither a host name (such "
                               "as iot.example.org or *.example.org) nor an IP address",
                               i + 1);
    }
    return ERR_NONE;
}

static GENERAL_NAME *general_name_of(struct str name)
{
    uint8_t ip[16];
    size_t ip_bytes = ip_of(name, ip);
    GENERAL_NAME *general = GENERAL_NAME_new();
    ASN1_STRING *value = ip_bytes > 0 ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();

    assert(general != NULL && value != NULL);
    if (ip_bytes > 0)
        ASN1_STRING_set(value, ip, (int)ip_bytes);
    else
        ASN1_STRING_set(value, name.ptr, (int)name.len);
    GENERAL_NAME_set0_value(general, ip_bytes > 0 ? GEN_IPADD : GEN_DNS, value);
    return general;
}

static bool add_names(X509 *certificate, const struct tls_make_config *config)
{
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    bool ok;

    for (size_t i = 0; i < config->name_count; i++)
        sk_GENERAL_NAME_push(names, general_name_of(config->names[i]));
    ok = X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
    GENERAL_NAMES_free(names);
    return ok;
}

/* ---- certificates ---- */

static void set_random_serial(X509 *certificate)
{
    uint8_t bytes[SERIAL_BYTES];
    BIGNUM *number;

    crypto_random(bytes, sizeof bytes);
    bytes[0] = (uint8_t)((bytes[0] & 0x7f) | 0x40); /* positive, and always of full length */
    number = BN_bin2bn(bytes, sizeof bytes, NULL);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
}

static bool add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *extension;
    bool ok;

    X509V3_set_ctx(&ctx, issuer, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    ok = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

static void set_subject(X509 *certificate, struct str common_name)
{
    X509_NAME *subject = X509_get_subject_name(certificate);

    X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_ASC, (const unsigned char *)"Switchyard", -1,
                               -1, 0);
    /* A longer one can't be; clients read subjectAltName anyway. */
    if (common_name.len <= COMMON_NAME_MAX)
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                   (const unsigned char *)common_name.ptr, (int)common_name.len, -1,
                                   0);
}

static X509 *draft(EVP_PKEY *key, unsigned days)
{
    X509 *certificate = X509_new();

    assert(certificate != NULL);
    X509_set_version(certificate, X509_VERSION_3);
    set_random_serial(certificate);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -BACKDATE_S);
    X509_time_adj_ex(X509_getm_notAfter(certificate), (int)days, 0, NULL);
    X509_set_pubkey(certificate, key);
    return certificate;
}

/* The name of each CA is its own: two of one name but different keys puzzle those who debug. */
static X509 *make_ca_certificate(EVP_PKEY *key)
{
    X509 *ca = draft(key, CA_DAYS);
    char common_name[] = "Switchyard CA 00000000";
    bool ok;

    crypto_random_hex(4, common_name + sizeof common_name - 9);
    set_subject(ca, str_of(common_name));
    X509_set_issuer_name(ca, X509_get_subject_name(ca));
    ok = add_extension(ca, ca, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
         add_extension(ca, ca, NID_key_usage, "critical,keyCertSign,cRLSign") &&
         add_extension(ca, ca, NID_subject_key_identifier, "hash") &&
         X509_sign(ca, key, EVP_sha256()) > 0;
    assert(ok);
    return ca;
}

/* A certificate must not promise more than the CA above it. */
static void clip_to(X509 *certificate, const X509 *ca)
{
    if (ASN1_TIME_compare(X509_get0_notAfter(certificate), X509_get0_notAfter(ca)) > 0)
        X509_set1_notAfter(certificate, X509_get0_notAfter(ca));
}

static X509 *make_server_certificate(const struct tls_make_config *config, const struct pair *ca,
                                     EVP_PKEY *key)
{
    X509 *server = draft(key, config->days);
    bool is_rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
    bool ok;

    clip_to(server, ca->certificate);
    set_subject(server, config->names[0]);
    X509_set_issuer_name(server, X509_get_subject_name(ca->certificate));
    /* keyEncipherment: RSA key exchange, for the firmware that knows no other. */
    ok = add_extension(server, ca->certificate, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(server, ca->certificate, NID_key_usage,
                       is_rsa ? "critical,digitalSignature,keyEncipherment"
                              : "critical,digitalSignature") &&
         add_extension(server, ca->certificate, NID_ext_key_usage, "serverAuth") &&
         add_extension(server, ca->certificate, NID_subject_key_identifier, "hash") &&
         add_extension(server, ca->certificate, NID_authority_key_identifier, "keyid:always") &&
         add_names(server, config) && X509_sign(server, ca->key, EVP_sha256()) > 0;
    assert(ok);
    return server;
}

/* ---- files ---- */

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
                           const struct pair *pair, struct problem *problem)
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

/* ---- the CA ---- */

static enum err read_ca(const char *certificate_path, const char *key_path, struct problem *problem,
                        struct pair *out)
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
        *out = (struct pair){loaded.leaf, loaded.key};
    }
    tls_certificate_fini(&loaded);
    return err;
}

static enum err make_ca(const struct tls_make_config *config, struct problem *problem,
                        struct pair *out)
{
    struct pair ca = {NULL, EVP_EC_gen("P-256")};
    enum err err;

    assert(ca.key != NULL);
    ca.certificate = make_ca_certificate(ca.key);
    err = write_pair(config, "ca", &ca, problem);
    if (err)
        pair_fini(&ca);
    else
        *out = ca;
    return err;
}

/* Half a CA is nothing to build on, and nothing to overwrite: clients may trust it. */
static enum err find_or_make_ca(const struct tls_make_config *config, struct problem *problem,
                                struct pair *out)
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

static enum err make_server(const struct tls_make_config *config, const struct pair *ca,
                            bool is_rsa, struct problem *problem)
{
    struct pair server = {NULL, is_rsa ? EVP_RSA_gen(RSA_BITS) : EVP_EC_gen("P-256")};
    enum err err;

    assert(server.key != NULL);
    server.certificate = make_server_certificate(config, ca, server.key);
    err = write_pair(config, is_rsa ? "server-rsa" : "server-ecdsa", &server, problem);
    pair_fini(&server);
    return err;
}

enum err tls_make(const struct tls_make_config *config, struct problem *problem)
{
    struct pair ca = {NULL, NULL};
    enum err err;

    if ((err = check_names(config, problem)))
        return err;
    if (config->days == 0 || config->days > CA_DAYS)
        return problem_set(problem, ERR_INVALID, 0,
                           "a certificate can be valid for 1 to %d days, not %u", CA_DAYS,
                           config->days);
    if ((err = find_or_make_ca(config, problem, &ca)))
        return err;
    err = make_server(config, &ca, false, problem);
    if (!err)
        err = make_server(config, &ca, true, problem);
    pair_fini(&ca);
    return err;
}
