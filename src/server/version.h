/* version - what this build calls itself. */
#pragma once

const char *version_text(void);
