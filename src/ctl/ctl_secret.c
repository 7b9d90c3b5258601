#include "ctl/ctl_secret.h"

#include "base/crypto.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum {
    KEY_CANCEL = 3,
    KEY_END = 4,
    KEY_BACKSPACE = 8,
    KEY_KILL = 21,
    KEY_DELETE = 127,
    TEXT_CAP = 512
};

/* One line, byte by byte, so that nothing behind it is taken from whoever reads stdin next. */
static enum err read_line(int fd, char *out, size_t cap)
{
    size_t len = 0;
    char byte;
    ssize_t got;

    while ((got = read(fd, &byte, 1)) == 1 && byte != '\n' && byte != '\r') {
        if (len == cap - 1)
            return ERR_TOO_LARGE;
        out[len++] = byte;
    }
    out[len] = '\0';
    if (got < 0)
        return ERR_IO;
    return got == 0 && len == 0 ? ERR_CLOSED : ERR_NONE;
}

/* As read_line(), with the few keys that a terminal's line would have; it is not in that mode, so
 * that a cancel can restore the echo. */
static enum err read_keys(int fd, char *out, size_t cap)
{
    size_t len = 0;
    char byte;

    while (read(fd, &byte, 1) == 1) {
        if (byte == KEY_CANCEL || (byte == KEY_END && len == 0))
            return ERR_CLOSED;
        if (byte == '\n' || byte == '\r' || byte == KEY_END) {
            out[len] = '\0';
            return ERR_NONE;
        }
        if (byte == KEY_KILL)
            len = 0;
        else if ((byte == KEY_BACKSPACE || byte == KEY_DELETE) && len > 0)
            len--;
        else if (byte != KEY_BACKSPACE && byte != KEY_DELETE && len == cap - 1)
            return ERR_TOO_LARGE;
        else if (byte != KEY_BACKSPACE && byte != KEY_DELETE)
            out[len++] = byte;
    }
    return ERR_IO;
}

static enum err prompt(int fd, const char *text, char *out, size_t cap)
{
    enum err err;

    fputs(text, stderr);
    err = read_keys(fd, out, cap);
    fputc('\n', stderr);
    return err;
}

static enum err ask(int fd, const char *words, char *out, size_t cap)
{
    char again[TEXT_CAP];
    enum err err;

    if (words != NULL)
        return prompt(fd, words, out, cap);
    if ((err = prompt(fd, "New password: ", out, cap)))
        return err;
    err = prompt(fd, "Once more: ", again, sizeof again);
    if (err == ERR_NONE && strcmp(out, again) != 0)
        err = ERR_INVALID;
    crypto_wipe(again, sizeof again);
    return err;
}

/* words NULL: asks for a new one, twice. */
static enum err ask_silently(int fd, const char *words, char *out, size_t cap)
{
    struct termios before;
    struct termios silent;
    enum err err;

    if (tcgetattr(fd, &before) != 0)
        return read_line(fd, out, cap);
    silent = before;
    silent.c_lflag &= (tcflag_t) ~(ECHO | ICANON | ISIG);
    silent.c_cc[VMIN] = 1;
    silent.c_cc[VTIME] = 0;
    if (tcsetattr(fd, TCSAFLUSH, &silent) != 0)
        return ERR_IO;
    err = ask(fd, words, out, cap);
    tcsetattr(fd, TCSAFLUSH, &before);
    return err;
}

enum err ctl_secret_ask(int fd, char *out, size_t cap)
{
    return ask_silently(fd, NULL, out, cap);
}

enum err ctl_secret_ask_once(int fd, const char *words, char *out, size_t cap)
{
    return ask_silently(fd, words, out, cap);
}
