/*
 * wolfssl_client - a TLS client over wolfSSL for the e2e tests, as Debian packs the library alone.
 *
 *   wolfssl_client PORT CA-FILE 1.2|1.3 CIPHER [MAX-FRAGMENT-CODE]
 *
 * Connects to localhost at 127.0.0.1, seals what comes on standard input and writes what it opens
 * to standard output, until either end closes. Input that is "K" and a newline makes new keys
 * instead.
 */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

enum word { WORD_PORT = 1, WORD_CA, WORD_VERSION, WORD_CIPHER, WORD_FRAGMENT };

static void must(bool is_so, const char *what)
{
    if (is_so)
        return;
    fprintf(stderr, "wolfssl_client: %s failed\n", what);
    exit(1);
}

static int dial(const char *port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
        .sin_addr = {htonl(INADDR_LOOPBACK)},
    };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    must(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0, "connect");
    return fd;
}

static WOLFSSL *shake_hands(char **words, bool has_fragment)
{
    bool is_13 = strcmp(words[WORD_VERSION], "1.3") == 0;
    WOLFSSL_CTX *ctx =
        wolfSSL_CTX_new(is_13 ? wolfTLSv1_3_client_method() : wolfTLSv1_2_client_method());
    WOLFSSL *ssl;

    must(wolfSSL_CTX_load_verify_locations(ctx, words[WORD_CA], NULL) == WOLFSSL_SUCCESS, "the CA");
    must(wolfSSL_CTX_set_cipher_list(ctx, words[WORD_CIPHER]) == WOLFSSL_SUCCESS, "the cipher");
    ssl = wolfSSL_new(ctx);
    wolfSSL_CTX_free(ctx); /* the link holds it */
    must(wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, "localhost", 9) == WOLFSSL_SUCCESS, "SNI");
    must(wolfSSL_check_domain_name(ssl, "localhost") == WOLFSSL_SUCCESS, "the name");
    if (has_fragment)
        must(wolfSSL_UseMaxFragment(ssl, (unsigned char)atoi(words[WORD_FRAGMENT])) ==
                 WOLFSSL_SUCCESS,
             "max_fragment_length");
    must(wolfSSL_set_fd(ssl, dial(words[WORD_PORT])) == WOLFSSL_SUCCESS, "the descriptor");
    must(wolfSSL_connect(ssl) == WOLFSSL_SUCCESS, "the handshake");
    must(fcntl(wolfSSL_get_fd(ssl), F_SETFL, O_NONBLOCK) == 0, "fcntl");
    fprintf(stderr, "%s %s\n", wolfSSL_get_version(ssl), wolfSSL_get_cipher_name(ssl));
    return ssl;
}

static void write_out(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, len);

        must(written > 0, "standard output");
        bytes += written;
        len -= (size_t)written;
    }
}

/* Opens all that is there: perhaps nothing, when it was a ticket. False: the server has closed. */
static bool take_wire(WOLFSSL *ssl)
{
    static char chunk[CHUNK];
    int len;

    while ((len = wolfSSL_read(ssl, chunk, sizeof chunk)) > 0)
        write_out(chunk, (size_t)len);
    if (wolfSSL_get_error(ssl, len) == WOLFSSL_ERROR_WANT_READ)
        return true;
    must(wolfSSL_get_error(ssl, len) == WOLFSSL_ERROR_ZERO_RETURN, "reading");
    return false;
}

/* False: the input has ended. */
static bool take_input(WOLFSSL *ssl)
{
    static char chunk[CHUNK];
    ssize_t len = read(STDIN_FILENO, chunk, sizeof chunk);

    if (len <= 0)
        return false;
    if (len == 2 && memcmp(chunk, "K\n", 2) == 0) {
        must(wolfSSL_update_keys(ssl) == WOLFSSL_SUCCESS, "KeyUpdate");
        fprintf(stderr, "KEYUPDATE\n");
        return true;
    }
    must(wolfSSL_write(ssl, chunk, (int)len) == (int)len, "writing");
    return true;
}

static void relay(WOLFSSL *ssl)
{
    struct pollfd both[] = {{.fd = wolfSSL_get_fd(ssl), .events = POLLIN},
                            {.fd = STDIN_FILENO, .events = POLLIN}};

    for (;;) {
        must(poll(both, 2, -1) > 0, "poll");
        if (both[0].revents != 0 && !take_wire(ssl))
            return;
        if (both[1].revents != 0 && !take_input(ssl))
            return;
    }
}

int main(int argc, char **argv)
{
    WOLFSSL *ssl;

    if (argc < WORD_FRAGMENT || argc > WORD_FRAGMENT + 1) {
        fprintf(stderr, "wolfssl_client PORT CA-FILE 1.2|1.3 CIPHER [MAX-FRAGMENT-CODE]\n");
        return 2;
    }
    must(wolfSSL_Init() == WOLFSSL_SUCCESS, "wolfSSL");
    ssl = shake_hands(argv, argc > WORD_FRAGMENT);
    relay(ssl);
    (void)wolfSSL_shutdown(ssl);
    wolfSSL_free(ssl);
    wolfSSL_Cleanup();
    return 0;
}
