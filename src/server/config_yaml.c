#include "server/config_yaml.h"

#include <stdio.h>
#include <string.h>

#include <yaml.h>

struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* the last one read; owned */
    struct str text;
    struct config *config;
    struct problem *problem;
    size_t section_lines[OPTION_COUNT]; /* by a section's first option; 0: not met yet */
};

/* A path in the making: "listen", then "listen.tls". */
struct path {
    char text[OPTION_NAME_CAP];
};

/* A list's items while it is read: an event's text ends with the event. */
struct gathered {
    struct buf bytes;
    size_t ends[OPTION_ITEMS_MAX];
    size_t count;
};

static size_t line_of(const struct reader *reader)
{
    return reader->event.start_mark.line + 1;
}

static struct str scalar_of(const struct reader *reader)
{
    return (struct str){(const char *)reader->event.data.scalar.value,
                        reader->event.data.scalar.length};
}

/* libyaml tells a line, except for bytes that are not UTF-8, where it tells an offset. */
static enum err syntax_problem(struct reader *reader)
{
    const yaml_parser_t *parser = &reader->parser;
    size_t line = parser->problem_mark.line + 1;

    if (parser->error == YAML_READER_ERROR) {
        struct str ahead = str_sub(reader->text, 0, parser->problem_offset);

        line = 1;
        for (size_t i = 0; i < ahead.len; i++)
            line += ahead.ptr[i] == '\n';
    }
    bool is_alias = parser->context != NULL && strstr(parser->context, "alias") != NULL;

    return problem_set(reader->problem, ERR_INVALID, line, "not YAML: %s%s",
                       parser->problem != NULL ? parser->problem : "out of memory",
                       is_alias ? " (put text that begins with * or & in quotes)" : "");
}

static enum err next_event(struct reader *reader)
{
    yaml_event_delete(&reader->event);
    if (!yaml_parser_parse(&reader->parser, &reader->event))
        return syntax_problem(reader);
    return ERR_NONE;
}

static bool has_tag(const yaml_event_t *event)
{
    return (event->type == YAML_SCALAR_EVENT && event->data.scalar.tag != NULL) ||
           (event->type == YAML_SEQUENCE_START_EVENT && event->data.sequence_start.tag != NULL) ||
           (event->type == YAML_MAPPING_START_EVENT && event->data.mapping_start.tag != NULL);
}

/* The next key or value: no alias, no tag, which this file has no use for. */
static enum err next_node(struct reader *reader)
{
    enum err err = next_event(reader);

    if (err)
        return err;
    if (reader->event.type == YAML_ALIAS_EVENT)
        return problem_set(reader->problem, ERR_INVALID, line_of(reader),
                           "\"*\" starts an alias, which is not used here: put text that begins "
                           "with * in quotes");
    if (has_tag(&reader->event))
        return problem_set(reader->problem, ERR_INVALID, line_of(reader),
                           "\"!\" starts a tag, which is not used here: put text that begins with "
                           "! in quotes");
    return ERR_NONE;
}

static enum err wrong_shape(struct reader *reader, const char *path, const char *expected)
{
    return problem_set(reader->problem, ERR_INVALID, line_of(reader), "%s: expected %s", path,
                       expected);
}

/* A plain scalar without text is YAML's null: most likely a value forgotten. */
static bool is_null(const struct reader *reader)
{
    struct str text = scalar_of(reader);

    if (reader->event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    return text.len == 0 || str_eq(text, STR("~")) || str_eq_nocase(text, STR("null"));
}

static enum err add_item(struct reader *reader, const char *path, struct gathered *items)
{
    if (items->count == OPTION_ITEMS_MAX)
        return wrong_shape(reader, path, "fewer values");
    items->ends[items->count++] = items->bytes.len;
    return ERR_NONE;
}

/* chain or key of a certificate's mapping; *out is empty before. */
static enum err read_file_name(struct reader *reader, const char *path, struct buf *out)
{
    enum err err = next_node(reader);

    if (err)
        return err;
    if (out->len > 0)
        return wrong_shape(reader, path, "chain and key once each");
    if (reader->event.type != YAML_SCALAR_EVENT || is_null(reader))
        return wrong_shape(reader, path, "the name of a file");

    struct str name = scalar_of(reader);

    if (name.len == 0 || str_find(name, ':') < name.len)
        return wrong_shape(reader, path, "the name of a file, without a colon in it");
    buf_append(out, name);
    return ERR_NONE;
}

/* A mapping of chain and key, the longer form of "chain:key". */
static enum err read_certificate(struct reader *reader, const char *path, struct gathered *items)
{
    struct buf chain = BUF_EMPTY;
    struct buf key = BUF_EMPTY;
    enum err err;

    while (!(err = next_node(reader)) && reader->event.type == YAML_SCALAR_EVENT) {
        if (str_eq(scalar_of(reader), STR("chain")))
            err = read_file_name(reader, path, &chain);
        else if (str_eq(scalar_of(reader), STR("key")))
            err = read_file_name(reader, path, &key);
        else
            err = wrong_shape(reader, path, "a mapping of chain and key");
        if (err)
            break;
    }
    if (!err && (reader->event.type != YAML_MAPPING_END_EVENT || chain.len == 0 || key.len == 0))
        err = wrong_shape(reader, path, "a mapping of chain and key");
    if (!err) {
        buf_append(&items->bytes, buf_str(&chain));
        buf_append_byte(&items->bytes, ':');
        buf_append(&items->bytes, buf_str(&key));
        err = add_item(reader, path, items);
    }
    buf_free(&chain);
    buf_free(&key);
    return err;
}

static enum err read_item(struct reader *reader, const struct option *option,
                          struct gathered *items)
{
    if (reader->event.type == YAML_MAPPING_START_EVENT && option->type == OPTION_CERTIFICATES)
        return read_certificate(reader, option->path, items);
    if (reader->event.type != YAML_SCALAR_EVENT || is_null(reader))
        return wrong_shape(reader, option->path, "a list of values");
    buf_append(&items->bytes, scalar_of(reader));
    return add_item(reader, option->path, items);
}

static void items_view(const struct gathered *items, struct option_items *out)
{
    size_t from = 0;

    out->count = items->count;
    for (size_t i = 0; i < items->count; i++) {
        out->at[i] = str_sub(buf_str(&items->bytes), from, items->ends[i] - from);
        from = items->ends[i];
    }
}

static enum err read_list(struct reader *reader, struct config_given *given)
{
    struct gathered items = {.bytes = BUF_EMPTY};
    enum err err;

    while (!(err = next_node(reader)) && reader->event.type != YAML_SEQUENCE_END_EVENT)
        if ((err = read_item(reader, given->option, &items)))
            break;
    if (!err) {
        items_view(&items, &given->items);
        err = config_set(reader->config, given, reader->problem);
    }
    buf_free(&items.bytes);
    return err;
}

static enum err read_scalar(struct reader *reader, struct config_given *given)
{
    struct buf expected = BUF_EMPTY;
    enum err err;

    if (!is_null(reader))
        return config_set_text(reader->config, given, scalar_of(reader), reader->problem);
    option_value_expect(given->option, &expected);
    err = problem_set(reader->problem, ERR_INVALID, given->line,
                      "%s: has no value; expected " STR_FMT, given->option->path,
                      STR_ARG(buf_str(&expected)));
    buf_free(&expected);
    return err;
}

static enum err read_value(struct reader *reader, const struct option *option, size_t key_line)
{
    const struct config_source *source = &reader->config->sources[option_index(option)];
    struct config_given given = {.option = option, .origin = CONFIG_FILE};
    enum err err;

    if (source->origin == CONFIG_FILE)
        return problem_set(reader->problem, ERR_INVALID, key_line,
                           "%s: given twice, first on line %zu", option->path, source->line);
    if ((err = next_node(reader)))
        return err;
    given.line = line_of(reader);
    if (reader->event.type == YAML_SCALAR_EVENT)
        return read_scalar(reader, &given);
    if (reader->event.type == YAML_SEQUENCE_START_EVENT && option_value_is_list(option))
        return read_list(reader, &given);
    return wrong_shape(reader, option->path,
                       option_value_is_list(option) ? "a list of values" : "one value");
}

/* prefix, a dot where one is needed, and the key; false when no path is that long. */
static bool path_join(const struct path *prefix, struct str key, struct path *out)
{
    int len = snprintf(out->text, sizeof out->text, "%s%s" STR_FMT, prefix->text,
                       prefix->text[0] != '\0' ? "." : "",
                       key.len < OPTION_NAME_CAP ? (int)key.len : OPTION_NAME_CAP, key.ptr);

    return len < (int)sizeof out->text && memchr(key.ptr, '\0', key.len) == NULL;
}

static enum err unknown_key(struct reader *reader, const struct path *path)
{
    const char *nearest = option_nearest(str_of(path->text));
    char section[OPTION_NAME_CAP];

    if (nearest == NULL && option_section_nearest(str_of(path->text), section))
        nearest = section;
    if (nearest == NULL)
        return problem_set(reader->problem, ERR_INVALID, line_of(reader), "%s: no such option",
                           path->text);
    return problem_set(reader->problem, ERR_INVALID, line_of(reader),
                       "%s: no such option; did you mean %s?", path->text, nearest);
}

static enum err read_mapping(struct reader *reader, const struct path *prefix);

static enum err read_section(struct reader *reader, const struct path *path)
{
    size_t first = option_index(option_section_find(str_of(path->text)));
    size_t line = line_of(reader);
    enum err err;

    if (reader->section_lines[first] > 0)
        return problem_set(reader->problem, ERR_INVALID, line, "%s: given twice, first on line %zu",
                           path->text, reader->section_lines[first]);
    reader->section_lines[first] = line;
    if ((err = next_node(reader)))
        return err;
    if (reader->event.type == YAML_SCALAR_EVENT && is_null(reader))
        return ERR_NONE; /* all its options are commented out */
    if (reader->event.type != YAML_MAPPING_START_EVENT)
        return wrong_shape(reader, path->text, "its options, indented, one on each line");
    return read_mapping(reader, path);
}

/* Recursion is as deep as the table's paths: unknown keys are not entered. */
static enum err read_mapping(struct reader *reader, const struct path *prefix)
{
    struct path path;
    enum err err;

    while (!(err = next_node(reader)) && reader->event.type == YAML_SCALAR_EVENT) {
        if (!path_join(prefix, scalar_of(reader), &path))
            return unknown_key(reader, &path);

        const struct option *option = option_find(str_of(path.text));

        if (option != NULL)
            err = read_value(reader, option, line_of(reader));
        else if (option_section_find(str_of(path.text)) != NULL)
            err = read_section(reader, &path);
        else
            err = unknown_key(reader, &path);
        if (err)
            return err;
    }
    if (err || reader->event.type == YAML_MAPPING_END_EVENT)
        return err;
    return wrong_shape(reader, prefix->text[0] != '\0' ? prefix->text : "file", "keys with values");
}

/* The document's content has been entered; it must be one mapping, or nothing. */
static enum err read_document(struct reader *reader)
{
    static const struct path top = {""};
    enum err err = next_node(reader);

    if (err)
        return err;
    if (reader->event.type == YAML_SCALAR_EVENT && is_null(reader))
        return ERR_NONE;
    if (reader->event.type != YAML_MAPPING_START_EVENT)
        return wrong_shape(reader, "file", "options such as \"workers: 2\"");
    return read_mapping(reader, &top);
}

static enum err read_stream(struct reader *reader)
{
    enum err err;
    size_t documents = 0;

    while (!(err = next_event(reader)) && reader->event.type != YAML_STREAM_END_EVENT) {
        if (reader->event.type != YAML_DOCUMENT_START_EVENT)
            continue;
        if (documents++ > 0)
            return wrong_shape(reader, "file", "one document only");
        if ((err = read_document(reader)))
            return err;
    }
    return err;
}

enum err config_yaml_apply(struct config *config, struct str text, struct problem *problem)
{
    struct reader reader = {.text = text, .config = config, .problem = problem};

    if (!yaml_parser_initialize(&reader.parser))
        return problem_set(problem, ERR_INTERNAL, 0, "out of memory");
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text.ptr, text.len);

    enum err err = read_stream(&reader);

    yaml_event_delete(&reader.event);
    yaml_parser_delete(&reader.parser);
    return err;
}
