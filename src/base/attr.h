/* attr - the few compiler attributes we use, by plain names. */
#pragma once

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, args) __attribute__((format(printf, text, args)))
/* For the small steps of a hot loop, which the compiler else makes calls. */
#define ALWAYS_INLINE inline __attribute__((always_inline))
