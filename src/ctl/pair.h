/*
 * pair - `switchyard pair`: tells a device in pairing mode which Wi-Fi and which server to use.
 *
 * The computer it runs on has joined the device's own access point. See docs/pairing.md. Blocks;
 * uses stdin, stdout and stderr.
 */
#pragma once

/* As ctl_main(); socket_path: of the running server, where --owner registers the device. Returns an
 * enum ctl_exit: CTL_UNREACHABLE stands for the device, too. */
int pair_main(int argc, char **argv, const char *socket_path);
