/* Adds up what a model gives for the terms and n-grams of texts without listing them, and shares it out to letters. */
#include "walk.h"

enum { HEADS = 8, CONCEPTS = 64, DENSE_LETTERS = 3 };

typedef struct {
    const int16_t *grams;    /* HEADS a bucket */
    const int32_t *single;   /* HEADS a concept */
    const int32_t *pairs;    /* said plainly, then beside a counter-concept: CONCEPTS x CONCEPTS x HEADS each */
    uint64_t counter;        /* which concepts are counter-concepts */
} weights;

typedef struct {
    const weights *of;
    int32_t concepts[HEADS], grams[HEADS]; /* a text of 20,000 codes cannot fill them */
    place count;             /* of n-grams */
    uint64_t bits;           /* concepts */
} sums;

static bool is_empty(const sums *sum) { return !sum->count && !sum->bits; }

static void add_gram(void *to, uint32_t bucket, place start, place length) {
    (void)start, (void)length;
    sums *sum = to;
    const int16_t *row = sum->of->grams + HEADS * (uint64_t)bucket;
    for (int head = 0; head < HEADS; head++) sum->grams[head] += row[head];
    sum->count++;
}

static void add_term(void *to, place start, place length, uint64_t concepts) {
    (void)start, (void)length;
    ((sums *)to)->bits |= concepts;
}

static void add(int32_t *to, const int32_t *row) {
    for (int head = 0; head < HEADS; head++) to[head] += row[head];
}

typedef struct { uint64_t single, pairs[2][CONCEPTS]; } seen;

/* Adds what the concepts of one sentence weigh, alone and in pairs: to the sentence, and to the text what is new in it. */
static void add_concepts(uint64_t bits, const weights *w, sums *sentence, sums *whole, seen *known) {
    int countered = (bits & w->counter) != 0;
    const int32_t *pairs = w->pairs + countered * CONCEPTS * CONCEPTS * HEADS;
    for (uint64_t left = bits; left; left &= left - 1) {
        int first = __builtin_ctzll(left);
        add(sentence->concepts, w->single + HEADS * first);
        if (!(known->single >> first & 1)) add(whole->concepts, w->single + HEADS * first);
        uint64_t fresh = left & ~known->pairs[countered][first];
        known->pairs[countered][first] |= left;
        for (uint64_t others = left; others; others &= others - 1) { /* a concept pairs with itself, too */
            int second = __builtin_ctzll(others);
            const int32_t *row = pairs + HEADS * (CONCEPTS * first + second);
            add(sentence->concepts, row);
            if (fresh >> second & 1) add(whole->concepts, row);
        }
    }
    known->single |= bits;
}

static double scale(place grams) { return 1.0 / sqrt(grams ? (double)grams : 1.0); }

static double total(const sums *sum, int head, double of_grams) {
    return (double)sum->concepts[head] + (double)sum->grams[head] * of_grams;
}

/* Adds up the sentence that begins at `from`, and to the text what is new in it; returns where the next one begins. */
static inline place add_sentence(const code *codes, place from, place n, const lexicon *lex, sums *sentence, sums *whole,
                                 seen *known) {
    place end = from + 1;
    while (end < n && codes[end] != STOP) end++;
    grams_in(codes, from, end, n, add_gram, sentence);
    terms_in(codes, from, end, n, lex, add_term, sentence);
    add_concepts(sentence->bits, sentence->of, sentence, whole, known);
    for (int head = 0; head < HEADS; head++) whole->grams[head] += sentence->grams[head];
    whole->count += sentence->count;
    return end;
}

/* For each text k, starts[k]:starts[k+1] of `codes`, and each head: what all of it weighs, plus what its heaviest
 * sentence weighs. `scores` takes HEADS a text; `lengths`, one a text, the length in letters of a script that parts
 * words. */
void score(const code *codes, const place *starts, place texts, const lexicon *lex, const weights *w, double *scores,
           place *lengths) {
    for (place k = 0; k < texts; k++) {
        place n = starts[k + 1] - starts[k];
        lengths[k] = n;
        for (place i = starts[k]; i < starts[k + 1]; i++)
            if (dense(codes[i])) lengths[k] += DENSE_LETTERS - 1;
        sums whole = {.of = w};
        seen known = {0};
        double best[HEADS] = {0};
        bool any = false;
        for (place from = 0; from < n;) {
            sums sentence = {.of = w};
            from = add_sentence(codes + starts[k], from, n, lex, &sentence, &whole, &known);
            if (is_empty(&sentence)) continue;
            double of_grams = scale(sentence.count);
            for (int head = 0; head < HEADS; head++) {
                double weight = total(&sentence, head, of_grams);
                if (!any || weight > best[head]) best[head] = weight;
            }
            any = true;
        }
        double of_grams = scale(whole.count);
        for (int head = 0; head < HEADS; head++)
            scores[HEADS * k + head] = any ? total(&whole, head, of_grams) + best[head] : 0;
    }
}

/* ---- shares: what each letter has of the score of one head ---- */

typedef struct {
    const weights *of;
    int head;
    double scale;              /* of n-grams */
    double concepts[CONCEPTS]; /* what each weighs: alone, and half of each pair that it has a part in */
    place counts[CONCEPTS];    /* how often each was met */
    double *slope;             /* what a letter has more than the one before */
} shares;

static void count_term(void *to, place start, place length, uint64_t concepts) {
    (void)start, (void)length;
    shares *of = to;
    for (; concepts; concepts &= concepts - 1) of->counts[__builtin_ctzll(concepts)]++;
}

static void spread(shares *of, place start, place length, double weight) {
    of->slope[start] += weight / (double)length;
    of->slope[start + length] -= weight / (double)length;
}

static void share_term(void *to, place start, place length, uint64_t concepts) {
    shares *of = to;
    double weight = 0;
    for (; concepts; concepts &= concepts - 1) {
        int concept = __builtin_ctzll(concepts);
        weight += of->concepts[concept] / (double)of->counts[concept];
    }
    spread(of, start, length, weight);
}

static void share_gram(void *to, uint32_t bucket, place start, place length) {
    shares *of = to;
    spread(of, start, length, of->of->grams[HEADS * (uint64_t)bucket + of->head] * of->scale);
}

static void weigh_concepts(shares *of, const seen *known) {
    const weights *w = of->of;
    for (int first = 0; first < CONCEPTS; first++) {
        if (!(known->single >> first & 1)) continue;
        of->concepts[first] += w->single[HEADS * first + of->head];
        for (int countered = 0; countered < 2; countered++)
            for (uint64_t left = known->pairs[countered][first]; left; left &= left - 1) {
                int second = __builtin_ctzll(left), pair = CONCEPTS * (CONCEPTS * countered + first) + second;
                double half = w->pairs[HEADS * pair + of->head] / 2.0;
                of->concepts[first] += half;
                of->concepts[second] += half;
            }
    }
}

/* Shares out the weight of codes[from:end], of n, to `slope`, which takes n + 1. */
static void share(const code *codes, place from, place end, place n, const lexicon *lex, const weights *w, int head,
                  const seen *known, place grams, double *slope) {
    shares of = {w, head, scale(grams), {0}, {0}, slope};
    weigh_concepts(&of, known);
    terms_in(codes, from, end, n, lex, count_term, &of);
    terms_in(codes, from, end, n, lex, share_term, &of);
    grams_in(codes, from, end, n, share_gram, &of);
}

/* For one text of n folded codes what each of them has of the score of `head`; `letters` takes n + 1. */
void explain(const code *codes, place n, const lexicon *lex, const weights *w, int64_t head, double *letters) {
    sums whole = {.of = w}, apart = whole, heaviest = whole;
    seen known = {0}, of_heaviest = {0};
    double most = 0;
    place first = -1;
    for (place from = 0, end; from < n; from = end) {
        sums sentence = {.of = w};
        end = add_sentence(codes, from, n, lex, &sentence, &whole, &known);
        double weight = total(&sentence, (int)head, scale(sentence.count));
        if (!is_empty(&sentence) && (first < 0 || weight > most)) most = weight, first = from;
    }
    memset(letters, 0, sizeof(double) * (size_t)(n + 1));
    share(codes, 0, n, n, lex, w, (int)head, &known, whole.count, letters);
    if (first >= 0) {
        place end = add_sentence(codes, first, n, lex, &heaviest, &apart, &of_heaviest);
        share(codes, first, end, n, lex, w, (int)head, &of_heaviest, heaviest.count, letters);
    }
    for (place i = 1; i < n; i++) letters[i] += letters[i - 1];
}
