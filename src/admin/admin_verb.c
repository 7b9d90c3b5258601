#include "admin/admin_verb.h"

#include "admin/admin_app.h"
#include "admin/admin_conn.h"
#include "admin/admin_device.h"
#include "admin/admin_device_end.h"
#include "admin/admin_history.h"
#include "admin/admin_holding.h"
#include "admin/admin_import.h"
#include "admin/admin_log.h"
#include "admin/admin_order.h"
#include "admin/admin_quarantine.h"
#include "admin/admin_redirect.h"
#include "admin/admin_share.h"
#include "admin/admin_status.h"
#include "admin/admin_token.h"
#include "admin/admin_user.h"
#include "admin/admin_webhook.h"

#include <assert.h>

static const admin_call_fn VERBS[] = {
    [CONTROL_APP_CREATE] = admin_app_create,
    [CONTROL_APP_LIST] = admin_app_list,
    [CONTROL_APP_DISABLE] = admin_app_set_disabled,
    [CONTROL_APP_ENABLE] = admin_app_set_disabled,
    [CONTROL_REDIRECT_ADD] = admin_redirect_add,
    [CONTROL_REDIRECT_REMOVE] = admin_redirect_remove,
    [CONTROL_REDIRECT_LIST] = admin_redirect_list,
    [CONTROL_USER_CREATE] = admin_user_create,
    [CONTROL_USER_LIST] = admin_user_list,
    [CONTROL_USER_PASSWD] = admin_user_passwd,
    [CONTROL_DEVICE_CREATE] = admin_device_create,
    [CONTROL_DEVICE_LIST] = admin_device_list,
    [CONTROL_DEVICE_SHOW] = admin_device_show,
    [CONTROL_DEVICE_ASSIGN] = admin_device_assign,
    [CONTROL_DEVICE_IMPORT] = admin_import_devices,
    [CONTROL_DEVICE_DESCRIBE] = admin_holding_describe,
    [CONTROL_TOKEN_ISSUE] = admin_token_issue,
    [CONTROL_TOKEN_REVOKE] = admin_token_revoke,
    [CONTROL_TOKEN_CHECK] = admin_token_check,
    [CONTROL_STATUS] = admin_status_show,
    [CONTROL_CONN_LIST] = admin_conn_list,
    [CONTROL_CONN_KICK] = admin_conn_kick,
    [CONTROL_WEBHOOK_ADD] = admin_webhook_add,
    [CONTROL_WEBHOOK_LIST] = admin_webhook_list,
    [CONTROL_WEBHOOK_REMOVE] = admin_webhook_remove,
    [CONTROL_WEBHOOK_TEST] = admin_webhook_test,
    [CONTROL_LOG_LEVEL] = admin_log_level,
    [CONTROL_DEVICE_UPGRADE] = admin_order_upgrade,
    [CONTROL_DEVICE_RESTART] = admin_order_restart,
    [CONTROL_DEVICE_REDIRECT] = admin_order_redirect,
    [CONTROL_DEVICE_NOTIFY] = admin_order_notify,
    [CONTROL_DEVICE_HISTORY] = admin_history_list,
    [CONTROL_SHARE_ADD] = admin_share_add,
    [CONTROL_SHARE_LIST] = admin_share_list,
    [CONTROL_SHARE_REMOVE] = admin_share_remove,
    [CONTROL_DEVICE_DISABLE] = admin_device_end_disable,
    [CONTROL_DEVICE_ENABLE] = admin_device_end_disable,
    [CONTROL_DEVICE_DELETE] = admin_device_end_delete,
    [CONTROL_DEVICE_EXPORT] = admin_device_export,
    [CONTROL_QUARANTINE_LIST] = admin_quarantine_list,
    [CONTROL_QUARANTINE_ACCEPT] = admin_quarantine_accept,
    [CONTROL_QUARANTINE_REJECT] = admin_quarantine_reject,
    [CONTROL_QUARANTINE_CLEAR] = admin_quarantine_clear,
};

static_assert(sizeof VERBS / sizeof *VERBS == CONTROL_VERB_COUNT, "every verb has its function");

void admin_verb_run(struct admin_call *call)
{
    VERBS[admin_call_verb(call)](call);
}
