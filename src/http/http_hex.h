/* http_hex - the hexadecimal digits of chunk sizes and percent-encoding. */
#pragma once

/* 0 to 15, or -1 for what is no digit. */
int http_hex_value(char digit);
