#include "tls/tls_issue.h"

#include "base/crypto.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <assert.h>

enum {
    BACKDATE_S = 3600,
    SERIAL_BYTES = 16,
    COMMON_NAME_MAX = 64, /* ub-common-name, RFC 5280 appendix A.1 */
    HOST_NAME_MAX_BYTES = 253,
    LABEL_MAX_BYTES = 63,
    RSA_BITS = 2048,
};

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

    if (str_find(name, '\0') < name.len || !str_copy(name, text, sizeof text))
        return 0;
    if (inet_pton(AF_INET, text, out) == 1)
        return 4;
    return inet_pton(AF_INET6, text, out) == 1 ? 16 : 0;
}

bool tls_issue_is_name(struct str name)
{
    uint8_t ip[16];

    return ip_of(name, ip) > 0 || is_host_name(name);
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

static bool add_names(X509 *certificate, const struct tls_issue_request *request)
{
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    bool ok;

    for (size_t i = 0; i < request->name_count; i++)
        sk_GENERAL_NAME_push(names, general_name_of(request->names[i]));
    ok = X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
    GENERAL_NAMES_free(names);
    return ok;
}

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
    X509 *ca = draft(key, TLS_ISSUE_CA_DAYS);
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

static X509 *make_server_certificate(const struct tls_issue_request *request,
                                     const struct tls_issue *ca, EVP_PKEY *key)
{
    X509 *server = draft(key, request->days);
    bool is_rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
    bool ok;

    clip_to(server, ca->certificate);
    set_subject(server, request->names[0]);
    X509_set_issuer_name(server, X509_get_subject_name(ca->certificate));
    /* keyEncipherment: RSA key exchange, for the firmware that knows no other. */
    ok = add_extension(server, ca->certificate, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(server, ca->certificate, NID_key_usage,
                       is_rsa ? "critical,digitalSignature,keyEncipherment"
                              : "critical,digitalSignature") &&
         add_extension(server, ca->certificate, NID_ext_key_usage, "serverAuth") &&
         add_extension(server, ca->certificate, NID_subject_key_identifier, "hash") &&
         add_extension(server, ca->certificate, NID_authority_key_identifier, "keyid:always") &&
         add_names(server, request) && X509_sign(server, ca->key, EVP_sha256()) > 0;
    assert(ok);
    return server;
}

struct tls_issue tls_issue_ca(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");

    assert(key != NULL);
    return (struct tls_issue){make_ca_certificate(key), key};
}

struct tls_issue tls_issue_server(const struct tls_issue *ca,
                                  const struct tls_issue_request *request)
{
    EVP_PKEY *key = request->rsa ? EVP_RSA_gen(RSA_BITS) : EVP_EC_gen("P-256");

    assert(key != NULL && request->name_count > 0);
    return (struct tls_issue){make_server_certificate(request, ca, key), key};
}

void tls_issue_fini(struct tls_issue *issue)
{
    X509_free(issue->certificate);
    EVP_PKEY_free(issue->key);
    *issue = TLS_ISSUE_EMPTY;
}
