/* Walks a folded stream and hands on each term and n-gram that it meets. */
#ifndef DELIST_WALK_H
#define DELIST_WALK_H
#include "codes.h"

static const uint64_t SPREAD = 0x9E3779B97F4A7C15u;

/* The hash of some codes, made longer by one. */
static inline uint64_t longer(uint64_t value, code c) { return (value + c + 1) * SPREAD; }

/* ---- terms: a table of hashes, and small sets of bits in front of it ---- */

enum { KINDS = 3, ANYWHERE = 0, START = 1, WHOLE = 2, LONGEST_WORD = 30, SET_BITS = 18 };

typedef struct {
    const uint64_t *hashes;  /* of terms, 2**(64 - shift) places; 0 where none is */
    const uint64_t *terms;   /* for each place the concepts of its term, by how it holds: KINDS a place */
    const uint8_t *ends;     /* sets of 2**SET_BITS bits: hashes of terms, ... */
    const uint8_t *goes_on;  /* ... of beginnings that end with a space, ... */
    const uint8_t *inside;   /* ... and of all beginnings of terms that hold anywhere */
    int64_t shift, longest;  /* the latter in codes: of all terms */
    uint64_t no, acts, refused; /* concepts: right after one of `no`, one of `acts` is `refused`, too */
} lexicon;

static inline bool has(const uint8_t *set, uint64_t value) {
    uint64_t bit = value >> (64 - SET_BITS);
    return set[bit >> 3] >> (bit & 7) & 1;
}

/* The concepts of the term of this hash, KINDS of them; those of no term are 0. */
static inline const uint64_t *concepts_of(const lexicon *lex, uint64_t value) {
    uint64_t last = ((uint64_t)1 << (64 - lex->shift)) - 1, slot = value * SPREAD >> lex->shift;
    while (lex->hashes[slot] && lex->hashes[slot] != value) slot = (slot + 1) & last;
    return lex->terms + KINDS * slot;
}

typedef void take_term(void *to, place start, place length, uint64_t concepts);


/* Is there the edge of a word between two codes of a folded stream? Scripts that part words meet those that do not. */
static inline bool edge(code before, code after) {
    return !is_letter(before) || !is_letter(after) || dense(before) != dense(after);
}

/* Every term that begins at place i of n codes; `opens` tells whether a word may begin there, and `said_no` where the
 * last word of denial ended. */
static inline void terms_at(const code *codes, place i, place n, bool opens, const lexicon *lex, place *said_no,
                            take_term *take, void *to) {
    uint64_t value = 0;
    bool denied = i == *said_no || (i == *said_no + 1 && codes[i - 1] == SPACE);
    place end = i + lex->longest < n ? i + lex->longest : n;
    for (place at = i; at < end && codes[at] != STOP; at++) {
        value = longer(value, codes[at]);
        if (!opens && !has(lex->inside, value)) return;
        if (codes[at] == SPACE && !has(lex->goes_on, value)) return;
        if (!has(lex->ends, value)) continue;
        const uint64_t *of = concepts_of(lex, value);
        uint64_t concepts = of[ANYWHERE] | (opens ? of[START] : 0);
        if (opens && of[WHOLE] && (at + 1 >= n || edge(codes[at], codes[at + 1]))) concepts |= of[WHOLE];
        if (!concepts) continue;
        if (denied && concepts & lex->acts) concepts |= lex->refused;
        if (concepts & lex->no) *said_no = at + 1;
        take(to, i, at + 1 - i, concepts);
    }
}

/* Every term that begins in codes[from:end], of a stretch of n codes. In a word that is too long to be one, since all
 * spaces were taken out of it, words may begin anywhere. */
static inline void terms_in(const code *codes, place from, place end, place n, const lexicon *lex, take_term *take,
                            void *to) {
    place known = from; /* up to here `joined` tells of the word */
    place said_no = -1;
    bool joined = false;
    for (place i = from; i < end; i++) {
        if (!is_letter(codes[i])) continue;
        bool opens = i == 0 || edge(codes[i - 1], codes[i]);
        if (opens && i >= known) {
            for (known = i + 1; known < end && !edge(codes[known - 1], codes[known]); known++) {}
            joined = !dense(codes[i]) && known - i > LONGEST_WORD;
        }
        terms_at(codes, i, n, opens || joined, lex, &said_no, take, to);
    }
}

/* ---- n-grams: words and neighbouring words; where words are not parted, runs of two and three letters ---- */

enum { BUCKET_BITS = 18, LONGEST_RUN = 3, WORD = 101, PAIR = 102 };

static inline uint64_t mixed(uint64_t value) {
    value *= 0xD6E8FEB86659FD93u;
    value ^= value >> 32;
    value *= 0xD6E8FEB86659FD93u;
    return value ^ value >> 32;
}

static inline uint32_t bucket(uint64_t value, uint64_t salt) { return (uint32_t)(mixed(value + salt) >> (64 - BUCKET_BITS)); }

typedef void take_gram(void *to, uint32_t bucket, place start, place length);

static inline void runs_at(const code *codes, place i, place n, take_gram *take, void *to) {
    uint64_t value = longer(0, codes[i]);
    for (place size = 2; size <= LONGEST_RUN && i + size <= n && is_letter(codes[i + size - 1]); size++) {
        value = longer(value, codes[i + size - 1]);
        take(to, bucket(value, (uint64_t)size), i, size);
    }
}

/* All n-grams that begin in codes[from:end], of a stretch of n codes; a pair of words ends before `end`. */
static inline void grams_in(const code *codes, place from, place end, place n, take_gram *take, void *to) {
    uint64_t before = 0; /* hash of the word before, 0 where none stands beside */
    place begun = 0;
    for (place i = from; i < end; i++) {
        if (codes[i] == STOP) before = 0;
        if (!is_letter(codes[i])) continue;
        if (dense(codes[i])) { runs_at(codes, i, n, take, to); before = 0; continue; }
        if (i > 0 && !edge(codes[i - 1], codes[i])) continue;
        uint64_t value = longer(0, codes[i]);
        place stop = i + 1;
        for (; stop < end && !edge(codes[stop - 1], codes[stop]); stop++) value = longer(value, codes[stop]);
        take(to, bucket(value, WORD), i, stop - i);
        if (before) take(to, bucket(before * SPREAD + value, PAIR), begun, stop - begun);
        before = value;
        begun = i;
        i = stop - 1;
    }
}
#endif
