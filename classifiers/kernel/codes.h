/* What all parts of the kernel share: kinds of codes in a stream. No part allocates, keeps a state or knows a locale;
 * every buffer is the caller's, and as large as each function says. Time is linear in the input. */
#ifndef DELIST_CODES_H
#define DELIST_CODES_H
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef uint32_t code;
typedef int64_t place;

enum { DROP = 0, STOP = 10, SPACE = 32, BANG = 33, DOLLAR = 36, HARD = 42, SOFT = 45, POINT = 46, ZERO = 48, NINE = 57, AT = 64 };

static inline bool dense(code c) { /* scripts that write many words without a space */
    return (c >= 0x0E00 && c < 0x0F00) || (c >= 0x3040 && c < 0x3100) || (c >= 0x3400 && c < 0xA000) ||
           (c >= 0xAC00 && c < 0xD7B0);
}

static inline bool is_letter(code c) { return c != SPACE && c != STOP; } /* of a folded stream */
#endif
