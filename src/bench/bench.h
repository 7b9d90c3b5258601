/*
 * bench - `switchyard bench SCENARIO`: loads a server and says what an operation cost it.
 *
 * Keeps one core busy, reads the CPU time of the server's process from /proc around the measured
 * time, and prints a table or one JSON object on stdout. Speaks the protocol to Switchyard, or the
 * same frames to an echo server. Blocks; uses stdin, stdout and stderr. `./dev bench` starts
 * servers, peers and this.
 */
#pragma once

/* argv[0] is "bench". Returns an enum ctl_exit (ctl.h); CTL_REFUSED when the run failed. */
int bench_main(int argc, char **argv);
