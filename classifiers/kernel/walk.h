/* Walks a folded stream and hands on each term and n-gram that it meets. */
#ifndef DELIST_WALK_H
#define DELIST_WALK_H
#include "codes.h"

/* ---- terms: a trie whose edges lie in one hash table ---- */

enum { CODE_BITS = 21, KINDS = 3, ANYWHERE = 0, START = 1, WHOLE = 2, LONGEST_WORD = 30 };
static const uint64_t SPREAD = 0x9E3779B97F4A7C15u;

typedef struct {
    const uint64_t *keys;    /* node and code of an edge, 0 where there is none; 2**(64 - shift) of them */
    const uint32_t *nodes;   /* where the edge of the same place leads */
    const uint64_t *terms;   /* for each node the concepts of the term that ends there, by how it holds: KINDS a node */
    const uint8_t *inside;   /* is the node on the way to a term that holds anywhere? */
    const uint8_t *begins;   /* for every two codes, hashed, what begins so: small, since it is asked at every place */
    int64_t shift;
} lexicon;

enum { BEGIN_BITS = 15, ANYWHERE_LONE = 1, ANYWHERE_LONG = 2, WORD_LONE = 4, WORD_LONG = 8 };

static inline uint32_t child(const lexicon *lex, uint32_t node, code c) {
    uint64_t key = (uint64_t)node << CODE_BITS | c, last = ((uint64_t)1 << (64 - lex->shift)) - 1;
    for (uint64_t slot = key * SPREAD >> lex->shift; lex->keys[slot]; slot = (slot + 1) & last)
        if (lex->keys[slot] == key) return lex->nodes[slot];
    return 0;
}

static inline uint8_t begins(const lexicon *lex, code first, code second) {
    return lex->begins[(first * 0x9E3779B1u ^ second * 0x85EBCA6Bu) >> (32 - BEGIN_BITS)];
}

/* May a term begin with these two codes? One that is a single code long stands in the table with 0 behind it. */
static inline bool may_begin(const lexicon *lex, code first, code second, bool opens) {
    int lone = opens ? ANYWHERE_LONE | WORD_LONE : ANYWHERE_LONE, more = opens ? ANYWHERE_LONG | WORD_LONG : ANYWHERE_LONG;
    return begins(lex, first, 0) & lone || begins(lex, first, second) & more;
}

typedef void take_term(void *to, place start, place length, uint64_t concepts);

/* Is there the edge of a word between two codes of a folded stream? Scripts that part words meet those that do not. */
static inline bool edge(code before, code after) {
    return !is_letter(before) || !is_letter(after) || dense(before) != dense(after);
}

/* Every term that begins at place i of n codes; `opens` tells whether a word may begin there. */
static inline void terms_at(const code *codes, place i, place n, bool opens, const lexicon *lex, take_term *take, void *to) {
    uint32_t node = 0;
    for (place at = i; at < n; at++) {
        node = child(lex, node, codes[at]);
        if (!node || !(opens || lex->inside[node])) return;
        const uint64_t *ends = lex->terms + KINDS * (uint64_t)node;
        uint64_t concepts = ends[ANYWHERE] | (opens ? ends[START] : 0);
        if (opens && ends[WHOLE] && (at + 1 >= n || edge(codes[at], codes[at + 1]))) concepts |= ends[WHOLE];
        if (concepts) take(to, i, at + 1 - i, concepts);
    }
}

/* Every term that begins in codes[from:end], of a stretch of n codes. In a word that is too long to be one, since all
 * spaces were taken out of it, words may begin anywhere. */
static inline void terms_in(const code *codes, place from, place end, place n, const lexicon *lex, take_term *take,
                            void *to) {
    place known = from; /* up to here `joined` tells of the word */
    bool joined = false;
    for (place i = from; i < end; i++) {
        if (!is_letter(codes[i])) continue;
        bool opens = i == 0 || edge(codes[i - 1], codes[i]);
        if (opens && i >= known) {
            for (known = i + 1; known < end && !edge(codes[known - 1], codes[known]); known++) {}
            joined = !dense(codes[i]) && known - i > LONGEST_WORD;
        }
        if (may_begin(lex, codes[i], i + 1 < n ? codes[i + 1] : 0, opens || joined))
            terms_at(codes, i, n, opens || joined, lex, take, to);
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
static inline uint64_t longer(uint64_t value, code c) { return (value + c + 1) * SPREAD; }

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
