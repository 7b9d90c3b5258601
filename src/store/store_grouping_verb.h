/*
 * store_grouping_verb - what can be asked about groups, and of which shape. Private to src/store.
 */
#pragma once

#include "store/store_grouping.h"
#include "store/store_request.h"

enum store_grouping_verb {
    STORE_GROUPING_LIST,
    STORE_GROUPING_MEMBERS,
    STORE_GROUPING_CREATE,
    STORE_GROUPING_CHANGE,
    STORE_GROUPING_DELETE,
    STORE_GROUPING_ASSIGN,
    STORE_GROUPING_VERBS
};

struct store_grouping_list {
    struct store_range range;
    char owner[STORE_APIKEY_CAP];
};

struct store_grouping_creation {
    struct grouping_record record;
    unsigned max;
};
