#include "tls/tls_certificate.h"

#include "base/alloc.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHAIN_MAX = 16 }; /* more is some bundle of roots given by mistake */

static enum err open_file(const char *path, const char *what, struct problem *problem, FILE **out)
{
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return problem_set(problem, ERR_IO, 0, "can't read the %s %s: %s", what, path,
                           strerror(errno));
    *out = file;
    return ERR_NONE;
}

/* The end of a PEM file shows as "no start line"; anything else means that a block is broken. */
static bool is_at_end(void)
{
    unsigned long error = ERR_peek_last_error();

    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

static enum err read_chain(FILE *file, const char *path, struct problem *problem,
                           struct tls_certificate *out)
{
    X509 *next;

    ERR_clear_error();
    out->chain = sk_X509_new_null();
    out->leaf = PEM_read_X509(file, NULL, NULL, NULL);
    if (out->leaf == NULL)
        return problem_set(problem, ERR_INVALID, 0,
                           is_at_end() ? "%s holds no certificate; it must be PEM, with "
                                         "-----BEGIN CERTIFICATE----- above it"
                                       : "%s: the certificate is damaged; copy the file again",
                           path);
    while ((next = PEM_read_X509(file, NULL, NULL, NULL)) != NULL) {
        if (sk_X509_num(out->chain) >= CHAIN_MAX || !sk_X509_push(out->chain, next)) {
            X509_free(next);
            return problem_set(problem, ERR_INVALID, 0,
                               "%s holds more than %d intermediate certificates; it must hold "
                               "the server's certificate and the few that lead to its root",
                               path, CHAIN_MAX);
        }
    }
    if (!is_at_end())
        return problem_set(problem, ERR_INVALID, 0,
                           "%s: certificate number %d is damaged; copy the file again", path,
                           sk_X509_num(out->chain) + 2);
    return ERR_NONE;
}

/* OpenSSL asks for a passphrase only when the key is encrypted; nobody is there to type one. */
static int on_passphrase(char *out, int cap, int writes, void *ctx)
{
    bool *is_encrypted = ctx;

    (void)out;
    (void)cap;
    (void)writes;
    *is_encrypted = true;
    return -1;
}

static enum err read_key(FILE *file, const char *path, struct problem *problem, EVP_PKEY **out)
{
    bool is_encrypted = false;
    EVP_PKEY *key;

    ERR_clear_error();
    key = PEM_read_PrivateKey(file, NULL, on_passphrase, &is_encrypted);
    if (key == NULL && is_encrypted)
        return problem_set(problem, ERR_INVALID, 0,
                           "the key %s is encrypted; write it without a passphrase: openssl pkey "
                           "-in ENCRYPTED -out %s",
                           path, path);
    if (key == NULL)
        return problem_set(problem, ERR_INVALID, 0,
                           "%s holds no private key, or a damaged one; it must be PEM, with "
                           "-----BEGIN PRIVATE KEY----- above it",
                           path);
    *out = key;
    return ERR_NONE;
}

static enum err read_files(const struct tls_certificate_files *files, struct problem *problem,
                           struct tls_certificate *out)
{
    FILE *file = NULL;
    enum err err;

    if ((err = open_file(files->chain, "certificate", problem, &file)))
        return err;
    err = read_chain(file, files->chain, problem, out);
    fclose(file);
    if (err)
        return err;
    if ((err = open_file(files->key, "key", problem, &file)))
        return err;
    err = read_key(file, files->key, problem, &out->key);
    fclose(file);
    if (err)
        return err;
    if (X509_check_private_key(out->leaf, out->key) != 1)
        return problem_set(problem, ERR_INVALID, 0,
                           "the key %s does not belong to the certificate %s; give the key that "
                           "it was made with",
                           files->key, files->chain);
    return ERR_NONE;
}

static int64_t expiry_of(const X509 *certificate)
{
    struct tm tm;

    if (!ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm))
        return 0; /* a time nobody can read is not one to rely on */
    return timegm(&tm);
}

static int64_t first_expiry(const struct tls_certificate *certificate)
{
    int64_t first = expiry_of(certificate->leaf);

    for (int i = 0; i < sk_X509_num(certificate->chain); i++) {
        int64_t expiry = expiry_of(sk_X509_value(certificate->chain, i));

        if (expiry < first)
            first = expiry;
    }
    return first;
}

static char *text_of_ip(const ASN1_OCTET_STRING *ip)
{
    char text[INET6_ADDRSTRLEN];
    int len = ASN1_STRING_length(ip);

    if (len != 4 && len != 16)
        return NULL;
    inet_ntop(len == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(ip), text, sizeof text);
    return alloc_text(text, strlen(text));
}

/* The text of a name that a client can ask for, or NULL for one of another kind. */
static char *text_of(const GENERAL_NAME *name)
{
    int type;
    const void *value = GENERAL_NAME_get0_value(name, &type);

    if (type == GEN_IPADD)
        return text_of_ip(value);
    if (type != GEN_DNS)
        return NULL;
    return alloc_text((const char *)ASN1_STRING_get0_data(value),
                      (size_t)ASN1_STRING_length(value));
}

static void collect_names(struct tls_certificate *certificate)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate->leaf, NID_subject_alt_name, NULL, NULL);
    int count = names == NULL ? 0 : sk_GENERAL_NAME_num(names);

    certificate->names = alloc_zero((size_t)count * sizeof *certificate->names + 1);
    for (int i = 0; i < count; i++) {
        char *text = text_of(sk_GENERAL_NAME_value(names, i));

        if (text != NULL)
            certificate->names[certificate->name_count++] = text;
    }
    GENERAL_NAMES_free(names);
}

enum err tls_certificate_load(const struct tls_certificate_files *files, struct problem *problem,
                              struct tls_certificate *out)
{
    struct tls_certificate certificate = TLS_CERTIFICATE_EMPTY;
    enum err err = read_files(files, problem, &certificate);

    ERR_clear_error();
    if (err) {
        tls_certificate_fini(&certificate);
        return err;
    }
    collect_names(&certificate);
    certificate.expires_s = first_expiry(&certificate);
    *out = certificate;
    return ERR_NONE;
}

void tls_certificate_fini(struct tls_certificate *certificate)
{
    for (size_t i = 0; i < certificate->name_count; i++)
        free(certificate->names[i]);
    free(certificate->names);
    X509_free(certificate->leaf);
    sk_X509_pop_free(certificate->chain, X509_free);
    EVP_PKEY_free(certificate->key);
    *certificate = TLS_CERTIFICATE_EMPTY;
}

static struct str parent_of(struct str name)
{
    size_t dot = str_find(name, '.');

    return dot == name.len ? STR_EMPTY : str_sub(name, dot + 1, name.len);
}

static bool is_wildcard_for(struct str pattern, struct str name)
{
    return str_starts(pattern, STR("*.")) && str_find(name, '.') > 0 && parent_of(name).len > 0 &&
           str_eq_nocase(parent_of(pattern), parent_of(name));
}

bool tls_certificate_covers(const struct tls_certificate *certificate, struct str name,
                            bool with_wildcards)
{
    for (size_t i = 0; i < certificate->name_count; i++) {
        struct str own = str_of(certificate->names[i]);

        if (str_eq_nocase(own, name))
            return true;
        if (with_wildcards && is_wildcard_for(own, name))
            return true;
    }
    return false;
}

bool tls_certificate_covers_all(const struct tls_certificate *certificate,
                                const struct tls_certificate *other)
{
    for (size_t i = 0; i < other->name_count; i++) {
        if (!tls_certificate_covers(certificate, str_of(other->names[i]), true))
            return false;
    }
    return true;
}
