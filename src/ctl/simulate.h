/*
 * simulate - `switchyard simulate device|app`: clients that speak the real protocol.
 *
 * A simulated device has a switch that obeys; a simulated app prints what it is told, or makes the
 * whole journey once and explains each step. Blocks; uses stdout and stderr.
 */
#pragma once

/* argv[0] is "simulate". Returns an enum ctl_exit (ctl.h); CTL_REFUSED when the journey failed. */
int simulate_main(int argc, char **argv);
