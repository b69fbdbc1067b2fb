/* Lists the terms, the n-grams and the dense letters of a folded stream: what training and explanations need. */
#include "walk.h"

typedef struct { place *starts, *lengths; uint64_t *concepts; place most, count; } hits;

static void note_term(void *to, place start, place length, uint64_t concepts) {
    hits *found = to;
    if (found->count < found->most) {
        found->starts[found->count] = start;
        found->lengths[found->count] = length;
        found->concepts[found->count] = concepts;
    }
    found->count++;
}

/* All hits in n folded codes, by place; writes `most` of them and returns how many there are. */
place find_terms(const code *codes, place n, const lexicon *lex, place most, place *starts, place *lengths,
                 uint64_t *concepts) {
    hits found = {starts, lengths, concepts, most, 0};
    terms_in(codes, 0, n, n, lex, note_term, &found);
    return found.count;
}

/* Which of n codes are of scripts that write many words without a space. */
void mark_dense(const code *codes, place n, uint8_t *marks) {
    for (place i = 0; i < n; i++) marks[i] = dense(codes[i]);
}

typedef struct { int64_t *buckets; place *starts, *lengths; place count; } grams;

static void note_gram(void *to, uint32_t bucket, place start, place length) {
    grams *found = to;
    found->buckets[found->count] = bucket;
    found->starts[found->count] = start;
    found->lengths[found->count++] = length;
}

/* All n-grams of one text of n folded codes; the buffers take 3 * n. Returns how many. */
place find_grams(const code *codes, place n, int64_t *buckets, place *starts, place *lengths) {
    grams found = {buckets, starts, lengths, 0};
    grams_in(codes, 0, n, n, note_gram, &found);
    return found.count;
}
