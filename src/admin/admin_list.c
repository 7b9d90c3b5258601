#include "admin/admin_list.h"

#include <assert.h>

static void ask_page(struct admin_call *call)
{
    struct admin_list *list = admin_call_state(call, sizeof *list);
    enum err err;

    if (list->left == 0 || admin_call_is_abandoned(call)) {
        admin_call_finish(call);
        return;
    }
    list->in_page = 0;
    list->page = list->left < ADMIN_LIST_PAGE ? (size_t)list->left : ADMIN_LIST_PAGE;
    if ((err = list->ask(list)))
        admin_call_refuse_failure(call, err);
}

void admin_list_start(struct admin_call *call, enum err (*ask)(struct admin_list *list))
{
    struct admin_list *list = admin_call_state(call, sizeof *list);

    list->call = call;
    list->ask = ask;
    if (!admin_call_text(call, "after", list->after, sizeof list->after) ||
        !admin_call_number(call, "limit", UINT64_MAX, &list->left))
        return;
    ask_page(call);
}

void admin_list_on_row(struct admin_list *list, const char *key)
{
    bool fits = str_copy(str_of(key), list->after, sizeof list->after);

    assert(fits && list->in_page < list->page);
    list->in_page++;
    list->left--;
}

void admin_list_on_page(struct admin_list *list, enum err err)
{
    if (err)
        admin_call_refuse_failure(list->call, err);
    else if (list->in_page < list->page)
        admin_call_finish(list->call);
    else
        admin_call_when_drained(list->call, ask_page);
}
