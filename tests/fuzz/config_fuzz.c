/* Any bytes: refused with a text, or a configuration that, printed, reads as the same again. */
#include "server/config_print.h"
#include "server/config_yaml.h"

#include "fuzz.h"

#include <assert.h>

static void check_printed(const struct config *config)
{
    struct config *again = config_new();
    struct buf text = BUF_EMPTY;
    enum err err;

    config_print_values(config, NULL, &text);
    err = config_yaml_apply(again, buf_str(&text), NULL);
    assert(err == ERR_NONE);
    for (size_t i = 0; i < OPTION_COUNT; i++)
        assert(config_is_same(config, again, option_at(i)));
    buf_free(&text);
    config_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config *config = config_new();
    struct problem problem = {.text = ""};
    enum err err = config_yaml_apply(config, (struct str){(const char *)data, size}, &problem);

    if (err == ERR_NONE)
        check_printed(config);
    else
        assert(problem.text[0] != '\0' && problem.line > 0);
    config_free(config);
    return 0;
}
