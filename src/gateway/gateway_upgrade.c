#include "gateway/gateway_action.h"

void gateway_upgrade(struct gateway_link *link, const struct message *message)
{
    const struct command_request request = gateway_link_request(message);

    session_upgrade(link->session, &request);
}
