#include "server/option_value.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "domain/accounts.h"
#include "outbox/code_sender.h"
#include "store/store_token.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char *const form_names[] = {"text", "json", NULL};
static const char *const proxy_names[] = {"off", "plain", "all", NULL};
static const char *const session_names[] = {"many", "app", "account", NULL};

static const char *const sender_names[] = {"off", "log", "smtp", "webhook", NULL};

static_assert(CODE_WAY_OFF == 0 && CODE_WAY_WEBHOOK == 3, "sender_names");
static_assert(LOG_TEXT == 0 && LOG_JSON == 1, "form_names");
static_assert(TOKENS_MANY == 0 && TOKENS_PER_ACCOUNT == 2, "session_names");
static_assert(OPTION_PROXY_OFF == 0 && OPTION_PROXY_ALL == 2, "proxy_names");
static_assert(SESSIONS_MANY == 0 && SESSIONS_ONE == 2, "session_names");

/* How one item is read and what its field holds. */
struct kind {
    const char *name;           /* for the manual */
    const char *expected;       /* for errors: "is not ..." */
    size_t item_size;           /* of a list's items; 0: no list */
    const char *const *choices; /* NULL: parse() knows */
    bool (*parse)(const struct option *option, struct str text, void *item);
    void (*free)(void *item); /* NULL: owns nothing */
};

static bool in_range(const struct option *option, uint64_t number)
{
    return number >= option->low && number <= option->high;
}

static bool has_control_byte(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
            return true;
    return false;
}

static bool parse_string(const struct option *option, struct str text, void *item)
{
    if (!in_range(option, text.len) || has_control_byte(text))
        return false;
    *(char **)item = alloc_text(text.ptr, text.len);
    return true;
}

static bool parse_int(const struct option *option, struct str text, void *item)
{
    uint64_t number;

    if (!str_to_u64(text, &number) || !in_range(option, number))
        return false;
    *(uint64_t *)item = number;
    return true;
}

static bool parse_bool(const struct option *option, struct str text, void *item)
{
    (void)option;
    if (str_eq(text, STR("true")))
        *(bool *)item = true;
    else if (str_eq(text, STR("false")))
        *(bool *)item = false;
    else
        return false;
    return true;
}

static bool parse_duration(const struct option *option, struct str text, void *item)
{
    uint64_t ms;

    if (!clock_parse_duration(text, &ms) || !in_range(option, ms))
        return false;
    *(uint64_t *)item = ms;
    return true;
}

static const struct unit {
    struct str name;
    unsigned shift;
} units[] = {
    {{"GiB", 3}, 30},
    {{"MiB", 3}, 20},
    {{"KiB", 3}, 10},
    {{"B", 1}, 0},
};

enum { UNITS = sizeof units / sizeof units[0] };

static bool parse_size(const struct option *option, struct str text, void *item)
{
    unsigned shift = 0;
    uint64_t number;

    for (const struct unit *unit = units; unit < units + UNITS; unit++) {
        size_t name = unit->name.len;

        if (text.len > name && str_eq(str_sub(text, text.len - name, name), unit->name)) {
            text.len -= name;
            shift = unit->shift;
            break;
        }
    }
    if (!str_to_u64(text, &number) || number > UINT64_MAX >> shift)
        return false;
    number <<= shift;
    if (!in_range(option, number))
        return false;
    *(uint64_t *)item = number;
    return true;
}

static bool parse_address(const struct option *option, struct str text, void *item)
{
    (void)option;
    return address_parse(text, item) == ERR_NONE;
}

static bool parse_text(const struct option *option, struct str text, void *item)
{
    (void)option;
    if (text.len == 0 || has_control_byte(text))
        return false;
    *(char **)item = alloc_text(text.ptr, text.len);
    return true;
}

static bool parse_certificate(const struct option *option, struct str text, void *item)
{
    struct certificate *certificate = item;
    size_t colon = str_find(text, ':');
    struct str chain = str_sub(text, 0, colon);
    struct str key = colon < text.len ? str_sub(text, colon + 1, text.len) : STR_EMPTY;

    (void)option;
    if (chain.len == 0 || key.len == 0 || has_control_byte(text))
        return false;
    if (str_find(key, ':') < key.len)
        return false;
    certificate->chain = alloc_text(chain.ptr, chain.len);
    certificate->key = alloc_text(key.ptr, key.len);
    return true;
}

static bool parse_level(const struct option *option, struct str text, void *item)
{
    enum log_level level;

    (void)option;
    if (!log_level_parse(text, &level))
        return false;
    *(unsigned *)item = level;
    return true;
}

static bool parse_choice(const char *const *choices, struct str text, unsigned *value)
{
    for (unsigned i = 0; choices[i] != NULL; i++) {
        if (!str_eq(str_of(choices[i]), text))
            continue;
        *value = i;
        return true;
    }
    return false;
}

static void free_text(void *item)
{
    free(*(char **)item);
}

static void free_certificate(void *item)
{
    struct certificate *certificate = item;

    free(certificate->chain);
    free(certificate->key);
}

static const struct kind kinds[OPTION_TYPES] = {
    [OPTION_STRING] = {"text", "a text", .parse = parse_string, .free = free_text},
    [OPTION_INT] = {"number", "a whole number", .parse = parse_int},
    [OPTION_BOOL] = {"true or false", "true or false", .parse = parse_bool},
    [OPTION_DURATION] = {"duration", "a duration such as 250ms, 145s or 1h30m",
                         .parse = parse_duration},
    [OPTION_SIZE] = {"size", "a size such as 512, 64KiB or 1MiB", .parse = parse_size},
    [OPTION_ADDRESSES] = {"list of addresses",
                          "an address such as *:8080, 127.0.0.1:8080 or [::1]:8080",
                          .item_size = sizeof(struct address), .parse = parse_address},
    [OPTION_TEXTS] = {"list of texts", "a text without control bytes", .item_size = sizeof(char *),
                      .parse = parse_text, .free = free_text},
    [OPTION_CERTIFICATES] = {"list of chain:key",
                             "a chain file and a key file such as chain.pem:key.pem",
                             .item_size = sizeof(struct certificate), .parse = parse_certificate,
                             .free = free_certificate},
    [OPTION_LEVEL] = {"error, warn, info or debug", "error, warn, info or debug",
                      .parse = parse_level},
    [OPTION_FORM] = {"text or json", "text or json", .choices = form_names},
    [OPTION_SIGN_INS] = {"many, app or account", "many, app or account", .choices = session_names},
    [OPTION_SENDER] = {"off, log, smtp or webhook", "off, log, smtp or webhook",
                       .choices = sender_names},
    [OPTION_PROXY] = {"off, plain or all", "off, plain or all", .choices = proxy_names},
    [OPTION_SESSIONS] = {"many, app or account", "many, app or account", .choices = session_names},
};

static const struct kind *kind_of(const struct option *option)
{
    return &kinds[option->type];
}

bool option_value_is_list(const struct option *option)
{
    return kind_of(option)->item_size > 0;
}

bool option_value_split(struct str text, struct option_items *out)
{
    struct option_items items = {.count = 0};
    struct str rest = text;
    struct str item;

    while (str_split(&rest, ',', &item)) {
        if (items.count == OPTION_ITEMS_MAX)
            return false;
        items.at[items.count++] = str_trim(item);
    }
    *out = items;
    return true;
}

/* The three kinds of lists are laid out alike; read and written by copy, as their item types
 * differ. */
struct list {
    char *items;
    size_t count;
};

static_assert(sizeof(struct list) == sizeof(struct address_list) &&
                  sizeof(struct list) == sizeof(struct text_list) &&
                  sizeof(struct list) == sizeof(struct certificate_list),
              "one layout");

static void free_list(const struct kind *kind, const struct list *list)
{
    for (size_t i = 0; kind->free != NULL && i < list->count; i++)
        kind->free(list->items + i * kind->item_size);
    free(list->items);
}

static bool parse_list(const struct option *option, const struct option_items *items, void *value,
                       struct str *bad)
{
    const struct kind *kind = kind_of(option);
    struct list list = {NULL, 0};

    *bad = STR_EMPTY;
    if (!in_range(option, items->count))
        return false;
    if (items->count > 0)
        list.items = alloc_zero(items->count * kind->item_size);
    for (; list.count < items->count; list.count++) {
        *bad = items->at[list.count];
        if (kind->parse(option, *bad, list.items + list.count * kind->item_size))
            continue;
        free_list(kind, &list);
        return false;
    }
    memcpy(value, &list, sizeof list);
    return true;
}

bool option_value_parse(const struct option *option, const struct option_items *items, void *value,
                        struct str *bad)
{
    const struct kind *kind = kind_of(option);

    if (option_value_is_list(option))
        return parse_list(option, items, value, bad);
    assert(items->count == 1);
    *bad = items->at[0];
    if (kind->choices != NULL)
        return parse_choice(kind->choices, *bad, value);
    return kind->parse(option, *bad, value);
}

void option_value_free(const struct option *option, void *value)
{
    const struct kind *kind = kind_of(option);
    struct list list;

    if (option_value_is_list(option)) {
        memcpy(&list, value, sizeof list);
        free_list(kind, &list);
    } else if (kind->free != NULL) {
        kind->free(value);
    }
}

static void append_size(struct buf *out, uint64_t bytes)
{
    for (const struct unit *unit = units; unit < units + UNITS; unit++) {
        if (bytes >> unit->shift << unit->shift != bytes || bytes >> unit->shift == 0)
            continue;
        buf_printf(out, "%llu%s", (unsigned long long)(bytes >> unit->shift),
                   unit->shift > 0 ? unit->name.ptr : "");
        return;
    }
    buf_append_byte(out, '0');
}

static void append_bound(const struct option *option, uint64_t bound, struct buf *out)
{
    char text[32];

    if (option->type == OPTION_DURATION)
        buf_append(out, str_of(clock_format_duration(bound, text, sizeof text)));
    else if (option->type == OPTION_SIZE)
        append_size(out, bound);
    else
        buf_printf(out, "%llu", (unsigned long long)bound);
}

bool option_value_range(const struct option *option, struct buf *out)
{
    if (option->high == 0)
        return false;
    if (option_value_is_list(option)) {
        buf_printf(out, "at most %llu", (unsigned long long)option->high);
        return true;
    }
    append_bound(option, option->low, out);
    buf_append(out, STR(" to "));
    append_bound(option, option->high, out);
    if (option->type == OPTION_STRING)
        buf_append(out, STR(" bytes"));
    return true;
}

const char *option_value_type(const struct option *option)
{
    return kind_of(option)->name;
}

void option_value_expect(const struct option *option, struct buf *out)
{
    buf_append(out, str_of(kind_of(option)->expected));
    if (option_value_is_list(option) || option->high == 0)
        return;
    buf_append(out, STR(", "));
    option_value_range(option, out);
}

/* Double quotes keep YAML from seeing an alias in "*:80" or a mapping in "a:b". */
static void append_quoted(struct buf *out, struct str text)
{
    buf_append_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"' || text.ptr[i] == '\\')
            buf_append_byte(out, '\\');
        buf_append_byte(out, text.ptr[i]);
    }
    buf_append_byte(out, '"');
}

void option_value_format(const struct option *option, const struct option_items *items,
                         struct buf *out)
{
    if (!option_value_is_list(option)) {
        if (option->type == OPTION_STRING)
            append_quoted(out, items->at[0]);
        else
            buf_append(out, items->at[0]);
        return;
    }
    buf_append_byte(out, '[');
    for (size_t i = 0; i < items->count; i++) {
        if (i > 0)
            buf_append(out, STR(", "));
        append_quoted(out, items->at[i]);
    }
    buf_append_byte(out, ']');
}
