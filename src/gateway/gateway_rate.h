/*
 * gateway_rate - how fast a link that has shaken hands may send frames.
 *
 * A bucket that leaks limits.messages_per_second holds a second's worth. When it is full the link
 * is not read for a moment, so its peer's own sending slows down: nothing is lost or refused.
 * Private to gateway. The owning worker's thread only.
 */
#pragma once

struct gateway_link;

/* A frame has come, and the last one at link->last_frame_ms. */
void gateway_rate_note(struct gateway_link *link);
