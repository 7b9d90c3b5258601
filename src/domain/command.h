/*
 * command - one request of an app about one device, from its arrival to its answer.
 *
 * It owns copies of what must be said in the answer, has a server-made sequence, and lives in one
 * list at a time (see enum command_state). Private to domain.
 */
#pragma once

#include "base/json.h"
#include "base/link.h"
#include "domain/account.h"
#include "domain/device.h"
#include "domain/device_commit.h"

/* State is a place: each state names the list that `link` is in. */
enum command_state {
    COMMAND_WAITING,    /* device->waiting_commands: the device is being loaded */
    COMMAND_QUEUED,     /* as sent, but the device can not take it yet */
    COMMAND_SENT,       /* device->commands, and accounts->pending by time */
    COMMAND_LATE,       /* device->commands, and accounts->late: answered with a time-out */
    COMMAND_COMMITTING, /* none: its change waits for the commit */
    COMMAND_FORWARDED,  /* none: the device's owner is at home elsewhere, and is asked */
};

/* Who asks by letter, in place of a session. */
struct command_letter {
    struct str asker; /* the account's apikey */
    uint64_t asker_conn;
    enum device_source source;
    struct relay_ticket ticket;
};

struct command {
    struct link link;
    struct link by_time;
    struct link in_session;
    struct accounts *accounts;
    struct session *session;    /* NULL: nobody here waits for the answer (any more) */
    struct device *device;      /* NULL before it is known, and when it is at home elsewhere */
    struct remote_call *remote; /* while COMMAND_FORWARDED */
    struct command_letter letter;
    bool is_by_letter; /* its asker waits */
    enum command_kind kind;
    enum command_state state;
    bool is_small; /* in a block of the stash */
    bool is_lost;  /* sent on a link that is gone */
    bool is_told;  /* those who watch know how it ended; a late answer changes nothing */
    uint64_t due_ms;
    uint64_t sequence; /* ours */
    uint64_t began_us;
    struct str deviceid; /* these look into text[] */
    struct str apikey;
    struct str app_sequence;
    struct json_value params;
    struct commit commit;
    struct buf ack; /* the device's answer where it was kept */
    char text[];
};

/* Copies the request; the session counts it. */
struct command *command_new(struct session *session, enum command_kind kind,
                            const struct command_request *request);
/* Copies the letter too. */
struct command *command_new_by_letter(struct accounts *accounts,
                                      const struct command_letter *letter, enum command_kind kind,
                                      const struct command_request *request);

/* Finds the device, here or at its owner's home, and goes on with the command. */
void command_start(struct command *command);
/* Its device turned out to be of an owner who is at home elsewhere. */
void command_forward(struct command *command, struct str owner);

/* A change had this outcome; for those that do not become a command. */
void command_count(const struct accounts *accounts, enum command_outcome outcome);

/* Goes on with a command whose device is loaded. */
void command_run(struct command *command, struct device *device);

/* Answers (when somebody still waits) and frees the command. */
void command_finish(struct command *command, enum command_outcome outcome, int64_t error);

/* The only writer of `state`: leaves the old list, enters the new one. */
void command_set_state(struct command *command, enum command_state state);

/* In command_send.c. Sends the command, or queues it while its device can not take it (struct
 * device_pace). */
void command_send(struct command *command);
/* Something has ended that kept commands from being sent: sends those that may leave now. */
void command_send_waiting(struct device *device);
/* Its link is gone: what was sent there holds up nothing any more, and what was not sent is
 * answered so, unless another link has taken over. */
void command_send_lost(struct device *device);

/* Its session has closed: nobody waits for the answer. May free it. */
void command_forget_session(struct command *command);

/* The device has answered. */
void command_on_ack(struct command *command, const struct device_ack *ack);

/* Its time is over: answers, and stays for a late answer; or, when that time is over too, goes. */
void command_expire(struct command *command);
