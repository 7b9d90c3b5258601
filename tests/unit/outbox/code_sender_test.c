#include "outbox/code_sender.h"

#include "far_end.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct outbox *open_outbox(void)
{
    const struct outbox_config config = {.ca_file = "",
                                         .proxy = "",
                                         .connect_ms = 5000,
                                         .total_ms = 5000,
                                         .max_connections = 2,
                                         .max_waiting = 2};
    struct problem problem;
    struct outbox *outbox;

    assert_int_equal(outbox_open(&config, &problem, &outbox), ERR_NONE);
    assert_int_equal(outbox_start(outbox), ERR_NONE);
    return outbox;
}

static const struct code_message message = {
    .purpose = CODE_RESET, .account = "ann@example.org", .code = "012345", .wall_ms = 784111777000};

/* What a server of that script was told when a code went out by that way. */
static void told(const struct far_end_step *steps, struct code_sender_config config, char out[4096])
{
    struct far_end *end = far_end_open(steps);
    struct outbox *outbox = open_outbox();
    struct code_sender *sender;
    char url[64];

    snprintf(url, sizeof url, "%s://127.0.0.1:%u", config.url, far_end_port(end));
    config.url = url;
    config.outbox = outbox;
    config.expiry_ms = 600 * 1000;
    sender = code_sender_new(&config);
    assert_int_equal(code_sender_send(sender, &message), ERR_NONE);
    outbox_end(outbox, 60000);
    outbox_close(outbox);
    code_sender_free(sender);
    assert_true(str_copy(far_end_close(end), out, 4096));
    far_end_free(end);
}

static void a_mail_tells_the_code_and_what_it_is_for(void **state)
{
    static const struct far_end_step steps[] = {
        {NULL, "220 here\r\n"},
        {"\r\n", "250-here\r\n250 AUTH PLAIN\r\n"},
        {"AUTH PLAIN\r\n", "334 \r\n"},
        {"=\r\n", "235 welcome\r\n"},
        {"MAIL FROM:<house@example.org>\r\n", "250 ok\r\n"},
        {"RCPT TO:<ann@example.org>\r\n", "250 ok\r\n"},
        {"DATA\r\n", "354 go on\r\n"},
        {"\r\n.\r\n", "250 taken\r\n"},
        {"QUIT\r\n", "221 bye\r\n"},
        {NULL, NULL},
    };
    char text[4096];

    (void)state;
    told(steps,
         (struct code_sender_config){.way = CODE_WAY_SMTP,
                                     .url = "smtp",
                                     .from = "The house <house@example.org>",
                                     .subject = "Your code",
                                     .user = "house",
                                     .password = "secret",
                                     .is_plain = true},
         text);
    assert_non_null(strstr(text, "AGhvdXNlAHNlY3JldA==")); /* "\0house\0secret" */
    assert_non_null(strstr(text, "\r\nDate: Sun, 06 Nov 1994 08:49:37 +0000\r\n"));
    assert_non_null(strstr(text, "\r\nFrom: The house <house@example.org>\r\n"));
    assert_non_null(strstr(text, "\r\nTo: ann@example.org\r\n"));
    assert_non_null(strstr(text, "\r\nSubject: Your code\r\n"));
    assert_non_null(strstr(text, "@example.org>\r\nMIME-Version: 1.0\r\n"));
    assert_non_null(strstr(text, "\r\n\r\n012345\r\n\r\n"));
    assert_non_null(strstr(text, "to set a new password for your account"));
    assert_non_null(strstr(text, "within 10 minutes"));
}

static void a_web_hook_is_told_in_json(void **state)
{
    static const struct far_end_step steps[] = {
        {"}", "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"}, {NULL, NULL}};
    char text[4096];

    (void)state;
    told(steps,
         (struct code_sender_config){.way = CODE_WAY_WEBHOOK, .url = "http", .password = "t0ken"},
         text);
    assert_non_null(strstr(text, "\r\nAuthorization: Bearer t0ken\r\n"));
    assert_non_null(strstr(
        text, "\r\n\r\n{\"purpose\":\"reset\",\"to\":\"ann@example.org\",\"code\":\"012345\"}"));
}

/* The log holds a code only where that was asked for. */
static void the_log_is_told_only_when_it_is_the_way(void **state)
{
    char path[] = "/tmp/code_sender_XXXXXX";
    int fd = mkstemp(path);
    struct log *log = log_new(fd, LOG_DEBUG, LOG_TEXT, 0);
    const struct code_sender_config config = {.way = CODE_WAY_LOG, .password = "", .log = log};
    struct code_sender *sender = code_sender_new(&config);
    struct code_message decoy = message;
    char text[512] = "";

    (void)state;
    decoy.is_decoy = true;
    assert_int_equal(code_sender_send(sender, &decoy), ERR_NONE);
    assert_int_equal(pread(fd, text, sizeof text - 1, 0), 0);
    assert_int_equal(code_sender_send(sender, &message), ERR_NONE);
    assert_true(pread(fd, text, sizeof text - 1, 0) > 0);
    assert_non_null(strstr(text, "code.sent purpose=reset account=ann@example.org code=012345"));
    code_sender_free(sender);
    log_free(log);
    close(fd);
    unlink(path);
}

static void a_decoy_goes_nowhere(void **state)
{
    struct outbox *outbox = open_outbox();
    const struct code_sender_config config = {
        .way = CODE_WAY_WEBHOOK, .url = "http://127.0.0.1:1/", .password = "", .outbox = outbox};
    struct code_sender *sender = code_sender_new(&config);
    struct code_message decoy = message;

    (void)state;
    decoy.is_decoy = true;
    for (int i = 0; i < 10; i++)
        assert_int_equal(code_sender_send(sender, &decoy), ERR_NONE);
    outbox_end(outbox, 0);
    outbox_close(outbox);
    code_sender_free(sender);
}

static void a_way_reaches_what_it_can(void **state)
{
    struct code_sender_config config = {.way = CODE_WAY_OFF, .password = ""};
    struct code_sender *sender = code_sender_new(&config);

    (void)state;
    assert_false(code_sender_reaches(sender, STR("ann@example.org")));
    assert_int_equal(code_sender_send(sender, &message), ERR_UNAVAILABLE);
    code_sender_free(sender);
    config.way = CODE_WAY_SMTP;
    sender = code_sender_new(&config);
    assert_true(code_sender_reaches(sender, STR("ann@example.org")));
    assert_false(code_sender_reaches(sender, STR("+8613512345678")));
    code_sender_free(sender);
    config.way = CODE_WAY_WEBHOOK;
    sender = code_sender_new(&config);
    assert_true(code_sender_reaches(sender, STR("+8613512345678")));
    code_sender_free(sender);
    code_sender_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mail_tells_the_code_and_what_it_is_for),
        cmocka_unit_test(a_web_hook_is_told_in_json),
        cmocka_unit_test(the_log_is_told_only_when_it_is_the_way),
        cmocka_unit_test(a_decoy_goes_nowhere),
        cmocka_unit_test(a_way_reaches_what_it_can),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
