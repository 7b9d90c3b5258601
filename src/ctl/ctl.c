#include "ctl/ctl.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/json.h"
#include "ctl/ctl_channel.h"
#include "ctl/ctl_export.h"
#include "ctl/ctl_help.h"
#include "ctl/ctl_import.h"
#include "ctl/ctl_line.h"
#include "ctl/ctl_refusal.h"
#include "ctl/ctl_secret.h"
#include "ctl/ctl_table.h"
#include "proto/control_request.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SECRET_CAP = 256, MAX_MEMBERS = 32 };

static void print(FILE *file, struct buf *text)
{
    fwrite(text->ptr, 1, text->len, file);
    buf_free(text);
}

/* The option of the verb that is asked for on this line, or NULL. */
static const struct control_option *secret_to_ask(const struct ctl_line *line)
{
    const struct control_option *option;
    size_t at = 0;

    while ((option = control_verb_option_next(line->verb, &at)) != NULL) {
        if (option->kind == CONTROL_ASK && ctl_line_has(line, option->name))
            return control_verb_option_find(line->verb, STR("password"));
        if (option->kind == CONTROL_SECRET && !ctl_line_has(line, option->name) &&
            !ctl_line_has(line, "generate"))
            return option;
    }
    return NULL;
}

/* Fills *out, empty when nothing is to be asked. */
static enum ctl_exit ask_secret(const struct ctl_line *line, char *out, size_t cap)
{
    const struct control_option *option = secret_to_ask(line);
    enum err err;

    out[0] = '\0';
    if (option == NULL)
        return CTL_OK;
    if (ctl_line_has(line, option->name)) {
        fprintf(stderr, "switchyard ctl: give either --%s or --ask-%s\n", option->name,
                option->name);
        return CTL_USAGE;
    }
    err = ctl_secret_ask(STDIN_FILENO, out, cap);
    if (err == ERR_INVALID)
        fprintf(stderr, "switchyard ctl: the two passwords are not the same\n");
    else if (err == ERR_TOO_LARGE)
        fprintf(stderr, "switchyard ctl: the password is too long\n");
    else if (err || out[0] == '\0')
        fprintf(stderr, "switchyard ctl: no password was given\n");
    return err || out[0] == '\0' ? CTL_USAGE : CTL_OK;
}

static void put_list(struct json_out *out, const struct ctl_line *line, const char *name)
{
    json_out_array(out, name);
    for (size_t i = 0; i < line->count; i++)
        if (strcmp(line->given[i].option->name, name) == 0)
            json_out_str(out, NULL, line->given[i].text);
    json_out_end_array(out);
}

static void put_args(struct json_out *out, const struct ctl_line *line)
{
    const struct control_option *option;
    size_t at = 0;

    while ((option = control_verb_option_next(line->verb, &at)) != NULL) {
        if (!control_verb_option_is_sent(option) || !ctl_line_has(line, option->name))
            continue;
        if (option->kind == CONTROL_LIST)
            put_list(out, line, option->name);
        else if (option->kind == CONTROL_FLAG)
            json_out_bool(out, option->name, true);
        else
            json_out_str(out, option->name, ctl_line_find(line, option->name));
    }
}

static void print_row(void *ctx, struct str object)
{
    ctl_table_row(ctx, object);
}

/* A list that was cut short says so, beside the list. */
static void note_rest(struct str result)
{
    struct json_member members[MAX_MEMBERS];
    int64_t shown;
    int64_t total;
    size_t count;

    if (json_scan_object(result, members, MAX_MEMBERS, &count) == ERR_NONE &&
        json_to_i64(json_find(members, count, STR("shown")), &shown) &&
        json_to_i64(json_find(members, count, STR("total")), &total) && shown < total)
        fprintf(stderr, "%lld of %lld are shown: --limit sets how many\n", (long long)shown,
                (long long)total);
}

static void note_secrets(struct str result)
{
    static const char *const names[] = {"secret", "password", "token", "key"};
    struct json_member members[MAX_MEMBERS];
    size_t count;

    if (json_scan_object(result, members, MAX_MEMBERS, &count))
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (json_find(members, count, str_of(names[i])).kind != JSON_NONE)
            fprintf(stderr, "Keep the %s: it is not shown again.\n", names[i]);
}

static void print_result(const struct ctl_line *line, struct str result)
{
    if (control_verb_row(line->verb)->is_list) {
        note_rest(result);
        return;
    }
    ctl_table_object(stdout, result, line->wants_json);
    if (!line->wants_json && line->verb != CONTROL_DEVICE_SHOW)
        note_secrets(result);
}

/* Rows are written as they come. */
static enum err ask_for_rows(struct ctl_channel *channel, const struct ctl_line *line,
                             struct str request, struct control_answer *answer)
{
    struct ctl_export export = {stdout, ctl_line_has(line, "keys")};
    struct ctl_table *table;
    enum err err;

    if (line->verb == CONTROL_DEVICE_EXPORT && !line->wants_json) {
        ctl_export_begin(&export);
        return ctl_channel_ask(channel, request, ctl_export_row, &export, answer);
    }
    table = ctl_table_new(stdout, line->wants_json);
    err = ctl_channel_ask(channel, request, print_row, table, answer);
    ctl_table_finish(table);
    return err;
}

static enum ctl_exit ask(struct ctl_channel *channel, const struct ctl_line *line,
                         struct str request)
{
    struct control_answer answer = {.kind = CONTROL_ROW};
    enum err err;

    if (control_verb_row(line->verb)->is_list)
        err = ask_for_rows(channel, line, request, &answer);
    else
        err = ctl_channel_ask(channel, request, NULL, NULL, &answer);
    if (err) {
        fprintf(stderr,
                "switchyard ctl: the server went away before it answered; "
                "look whether it was done\n");
        return CTL_UNREACHABLE;
    }
    if (answer.kind == CONTROL_OK) {
        print_result(line, answer.body);
        return CTL_OK;
    }
    if (line->wants_json)
        ctl_table_object(stderr, answer.body, true);
    else
        ctl_refusal_explain(answer.body, stderr);
    return CTL_REFUSED;
}

static enum ctl_exit run_verb(const struct ctl_line *line)
{
    struct ctl_channel *channel = NULL;
    struct buf request = BUF_EMPTY;
    struct json_out out;
    char secret[SECRET_CAP];
    enum ctl_exit result = ask_secret(line, secret, sizeof secret);

    if (result)
        return result;
    out = control_request_begin(&request, line->verb);
    put_args(&out, line);
    if (secret[0] != '\0')
        json_out_str(&out, "password", str_of(secret));
    control_request_end(&out);
    crypto_wipe(secret, sizeof secret);
    if (ctl_channel_open(line->socket, stderr, &channel))
        result = CTL_UNREACHABLE;
    else
        result = ask(channel, line, buf_str(&request));
    ctl_channel_close(channel);
    crypto_wipe(request.ptr, request.len);
    buf_free(&request);
    return result;
}

static enum ctl_exit run_import(const struct ctl_line *line)
{
    const struct ctl_import_streams streams = {stdout, stderr, isatty(STDERR_FILENO)};
    struct ctl_channel *channel = NULL;
    struct ctl_import *import = NULL;
    struct str file = ctl_line_find(line, "file"); /* a word of argv: ends in a NUL */
    enum ctl_exit result = ctl_import_open(file.ptr, &streams, &import);

    if (result)
        return result;
    if (ctl_channel_open(line->socket, stderr, &channel))
        result = CTL_UNREACHABLE;
    else
        result = ctl_import_run(import, channel, line);
    ctl_channel_close(channel);
    ctl_import_close(import);
    return result;
}

int ctl_main(int argc, char **argv, const char *socket_path)
{
    struct buf text = BUF_EMPTY;
    struct ctl_line line;

    if (argc == 2 && strcmp(argv[1], "--manual") == 0) {
        ctl_help_manual(&text);
        print(stdout, &text);
        return CTL_OK;
    }
    if (!ctl_line_parse(argc, argv, &line, &text)) {
        fputs("switchyard ctl: ", stderr);
        print(stderr, &text);
        return CTL_USAGE;
    }
    if (line.wants_help) {
        ctl_help_format(&line, &text);
        print(stdout, &text);
        return CTL_OK;
    }
    if (line.socket == NULL)
        line.socket = socket_path;
    return (int)(line.verb == CONTROL_DEVICE_IMPORT ? run_import(&line) : run_verb(&line));
}
