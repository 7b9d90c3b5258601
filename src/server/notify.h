/*
 * notify - tells the service manager (systemd) how the server is; does nothing under none.
 */
#pragma once

#include <stdint.h>

void notify_ready(void);
void notify_stopping(void);
/* Between these two the server takes over what can be reloaded. */
void notify_reloading(void);
void notify_alive(void); /* the watchdog's sign of life */

/* How often the service manager wants a sign of life, or 0 when it wants none. */
uint64_t notify_alive_ms(void);
