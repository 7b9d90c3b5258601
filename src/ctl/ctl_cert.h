/*
 * ctl_cert - `switchyard cert init`: makes a private CA and server certificates. Needs no server.
 *
 * Blocks for as long as making an RSA key takes; uses stdout and stderr.
 */
#pragma once

/* argv[0] is "cert". Returns an enum ctl_exit (ctl.h); CTL_REFUSED when files can't be written. */
int ctl_cert_main(int argc, char **argv);
