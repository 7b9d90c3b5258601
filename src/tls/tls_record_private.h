/*
 * tls_record_private - what the source files of tls_record share. Included by them and by tests.
 *
 *     tls_record.c           records in and out, alerts, the calls of transport.h
 *     tls_record_rules.c     what TLS 1.3 and TLS 1.2 do each in their way
 *     tls_record_handover.c  from OpenSSL's handshake to keys of our own
 */
#pragma once

#include "tls/tls_keys.h"
#include "tls/tls_record.h"

#include <assert.h>

enum {
    TLS_RECORD_HEAD = 5,
    TLS_RECORD_PLAIN_MAX = 16 * 1024,
    TLS_RECORD_EMPTIES_MAX = 32, /* records without data in a row */
};

/* New keys after this many records: AES-GCM may seal 2^24.5 of full size (RFC 8446 section 5.5). */
#define TLS_RECORD_SEQ_UPDATE (UINT64_C(1) << 24)

enum tls_content {
    TLS_CONTENT_CHANGE_CIPHER_SPEC = 20,
    TLS_CONTENT_ALERT = 21,
    TLS_CONTENT_HANDSHAKE = 22,
    TLS_CONTENT_DATA = 23,
};

enum tls_alert {
    TLS_ALERT_CLOSE_NOTIFY = 0,
    TLS_ALERT_UNEXPECTED_MESSAGE = 10,
    TLS_ALERT_BAD_RECORD_MAC = 20,
    TLS_ALERT_RECORD_OVERFLOW = 22,
    TLS_ALERT_ILLEGAL_PARAMETER = 47,
    TLS_ALERT_DECODE_ERROR = 50,
    TLS_ALERT_PROTOCOL_VERSION = 70,
    TLS_ALERT_USER_CANCELED = 90,
    TLS_ALERT_NO_RENEGOTIATION = 100,
    TLS_ALERT_NONE = 256, /* none of the protocol's: all is well */
};
enum tls_alert_level { TLS_ALERT_WARNING = 1, TLS_ALERT_FATAL = 2 };

enum tls_record_phase {
    TLS_RECORD_HANDSHAKE, /* OpenSSL's: `handshake` */
    TLS_RECORD_OPEN,
    TLS_RECORD_ENDED, /* the peer sent close_notify; we may still write */
    TLS_RECORD_FAILED,
};

struct tls_record {
    struct transport base;
    union {
        struct transport *handshake; /* owned; in that phase */
        struct buf *part;            /* owned; later: a record come in part, else NULL */
    };
    struct tls_crypt *crypt; /* borrowed: the thread's; NULL on a journey */
    struct tls_keys read;    /* in the handshake: secrets and counts, as they come */
    struct tls_keys write;
    uint32_t controls_left; /* as tls_transport.h: messages without data that are borne */
    uint32_t data_bytes;    /* since the last one was earned */
    uint16_t plain_max;     /* a record's data, both ways */
    uint8_t phase;
    uint8_t overhead;   /* of a record's body over its data */
    uint8_t empties;    /* records without data in a row */
    uint8_t update_len; /* TLS 1.3: of a KeyUpdate come in part; no other record may follow */
    bool is_13 : 1;
    bool is_closed : 1; /* we sent close_notify */
    bool is_client : 1;
    bool has_read_secret : 1;
    bool has_write_secret : 1;
    bool stays : 1; /* with OpenSSL, for good */
};

/* An idle link owns this and nothing else; it comes from a pool, so each byte counts. */
static_assert(sizeof(struct tls_record) <= 248, "an idle link has grown");

/* What stood in a record; `ptr` is given. */
struct tls_opened {
    char *ptr;
    size_t len;
    uint8_t type; /* enum tls_content, unless the peer made up another */
};

/* What the versions do differently. Results are the fatal alert to send, or TLS_ALERT_NONE. */
struct tls_record_rules {
    /* A whole record, its lengths in bounds. */
    enum tls_alert (*open)(struct tls_record *self, struct str record, struct tls_opened *out);
    void (*seal)(struct tls_record *self, enum tls_content type, struct str plain,
                 struct buf *wire_out);
    enum tls_alert (*on_handshake)(struct tls_record *self, struct str message,
                                   struct buf *wire_out);
    /* An alert of neither close nor failure: may it be passed over? */
    bool (*is_mere_warning)(uint8_t level, uint8_t description);
};

extern const struct tls_record_rules tls_record_rules_12;
extern const struct tls_record_rules tls_record_rules_13;

/* One record of at most plain_max bytes; none after close_notify. */
void tls_record_seal(struct tls_record *self, enum tls_content type, struct str plain,
                     struct buf *wire_out);
void tls_record_alert(struct tls_record *self, enum tls_alert_level level, enum tls_alert alert,
                      struct buf *wire_out);
/* TLS 1.3: our KeyUpdate, and records under new keys behind it. */
void tls_record_rules_update(struct tls_record *self, bool asks, struct buf *wire_out);

/* With the table of functions and the bounds; keys are the caller's to set. */
struct tls_record *tls_record_make(struct pool *pool);
/* Keys and cipher are set. */
void tls_record_handover_begin(struct tls_record *self, bool is_13);

/* For the callbacks of tls_transport_config. */
void tls_record_handover_on_message(void *observer, bool is_write, int type, struct str bytes);
void tls_record_handover_on_secret(void *observer, bool is_client, struct str secret);
/* OpenSSL has appended these. */
void tls_record_handover_on_written(struct tls_record *self, struct str wire);
/* After each read that succeeded: takes over when it can. */
void tls_record_handover_try(struct tls_record *self);
