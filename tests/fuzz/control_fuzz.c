#include "proto/control_answer.h"
#include "proto/control_request.h"

#include <assert.h>
#include <string.h>

static bool is_inside(struct str view, const uint8_t *data, size_t size)
{
    const char *begin = (const char *)data;

    return view.len == 0 || (view.ptr >= begin && view.ptr + view.len <= begin + size);
}

static void check_request(const uint8_t *data, size_t size)
{
    struct control_refusal refusal = {.err = ERR_NONE};
    struct control_request request;

    if (control_request_parse((struct str){(const char *)data, size}, &request, &refusal)) {
        assert(refusal.err == ERR_INVALID && refusal.text[0] != '\0');
        assert(memchr(refusal.text, '\0', sizeof refusal.text) != NULL);
        assert(memchr(refusal.hint, '\0', sizeof refusal.hint) != NULL);
        return;
    }
    assert(request.verb < CONTROL_VERB_COUNT && request.count <= CONTROL_MAX_ARGS);
    for (size_t i = 0; i < request.count; i++) {
        assert(control_verb_option_find(request.verb, request.args[i].key) != NULL);
        assert(is_inside(request.args[i].value.raw, data, size));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct control_answer answer;

    check_request(data, size);
    if (control_answer_parse((struct str){(const char *)data, size}, &answer) == ERR_NONE)
        assert(is_inside(answer.body, data, size) && answer.body.ptr[0] == '{');
    return 0;
}
