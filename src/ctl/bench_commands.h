/*
 * bench_commands - commands from app to device, acked, answered: four frames each.
 *
 * Each pair of an app and a device has one command at a time. Against an echo server the same four
 * frames are two echoes: the app's update returns to the app, then the device's ack to the device.
 * Private to bench.
 */
#pragma once

#include "ctl/bench_run.h"

void bench_commands(struct bench_run *run);
