/* Folds texts: every code point by a table, then undoes what is done inside words to hide them. */
#include "codes.h"

enum { GARMENT = 0x1F457, SHORTEST_RUN = 4, FEWEST_POINTED = 3 };
static const double SPACED_SHARE = 0.6, LEET_SHARE = 0.05, CUT_SHARE = 0.5, LONGEST_PIECE = 2.5;

/* One text: n codes between two STOPs, and where each came from. */
typedef struct { code *codes; place *origin; uint8_t *marks; place n; } text;
enum { LONE = 1, GAP = 2, GOES = 4 };

static bool wordlike(code c) { return c > POINT && c != AT; }
static bool digit(code c) { return c >= ZERO && c <= NINE; }
static bool spelt(code c) { return wordlike(c) || c == AT || c == DOLLAR; }
static bool stands_in(code c) { return digit(c) || c == AT || c == DOLLAR; }

static code unleet(code c) {
    static const char letters[] = "oizeasgtbg";
    return c == AT ? 'a' : c == DOLLAR ? 's' : c == BANG ? 'i' : digit(c) ? (code)letters[c - ZERO] : c;
}

static void drop_marked(text *t) {
    place to = 0;
    for (place i = 0; i < t->n; i++) {
        t->codes[to] = t->codes[i];
        t->origin[to] = t->origin[i];
        to += !(t->marks[i] & GOES);
    }
    t->n = to;
}

/* Symbols, one or many, between two letters go; a garment only where both are of a script that parts its words. */
static void drop_symbols(text *t) {
    bool any = false;
    memset(t->marks, 0, (size_t)t->n);
    for (place i = 1, end; i < t->n; i = end + 1) {
        for (end = i; t->codes[end] == HARD || t->codes[end] == GARMENT;) end++;
        if (end == i || !wordlike(t->codes[i - 1]) || !wordlike(t->codes[end])) continue;
        bool parted = !dense(t->codes[i - 1]) && !dense(t->codes[end]);
        for (; i < end; i++)
            if (parted || t->codes[i] == HARD) { t->marks[i] = GOES; any = true; }
    }
    if (any) drop_marked(t);
}

/* Are there two lone letters beside each other, so that drop_spaces has something to look at? No branches. */
static bool has_lone_pair(const text *t) {
    int found = 0;
    for (place i = 0; i < t->n; i++) t->marks[i] = spelt(t->codes[i]);
    for (place i = 0; i + 4 < t->n; i++)
        found |= ~t->marks[i] & t->marks[i + 1] & ~t->marks[i + 2] & t->marks[i + 3] & ~t->marks[i + 4] & 1;
    return found;
}

/* Gaps between lone letters go where three and more stand in a row, or where most words of the text are lone letters. */
static void drop_spaces(text *t) {
    place words = 0, lones = 0, blanks = 0, others = 0;
    memset(t->marks, 0, (size_t)t->n);
    for (place i = 1; i + 1 < t->n; i++) {
        if (!spelt(t->codes[i]) || spelt(t->codes[i - 1])) continue;
        words++;
        if (!spelt(t->codes[i + 1])) { t->marks[i] = LONE; lones++; }
    }
    if (lones < 2) return;
    for (place i = 2; i + 2 < t->n; i++) {
        if (!(t->marks[i - 1] & t->marks[i + 1] & LONE) || t->codes[i] == STOP) continue;
        t->marks[i] |= GAP;
        if (t->codes[i] == SPACE) blanks++; else others++;
    }
    if (others > blanks) /* points part the letters, spaces part the words */
        for (place i = 0; i < t->n; i++)
            if (t->codes[i] == SPACE) t->marks[i] &= ~GAP;
    bool spaced = lones >= SHORTEST_RUN && lones >= SPACED_SHARE * words;
    for (place i = 2; i < t->n; i++) {
        if (!(t->marks[i] & GAP) || t->marks[i - 2] & GAP) continue;
        place end = i;
        while (end < t->n && t->marks[end] & GAP) end += 2;
        if (!spaced && (end - i) / 2 < SHORTEST_RUN - 1) continue;
        for (place at = i; at < end; at += 2) t->marks[at] |= GOES;
    }
    drop_marked(t);
}

/* Where a text writes many letters as digits, all its digits are letters. */
static void unleet_text(text *t) {
    place inside = 0, letters = 0;
    for (place i = 1; i + 1 < t->n; i++) {
        code before = t->codes[i - 1], c = t->codes[i], after = t->codes[i + 1];
        if (!stands_in(c)) letters += wordlike(c);
        else inside += wordlike(before) && !stands_in(before) && wordlike(after) && !stands_in(after);
    }
    if (inside < SHORTEST_RUN || inside < LEET_SHARE * letters) return;
    for (place i = 0; i < t->n; i++)
        if (stands_in(t->codes[i])) t->codes[i] = unleet(t->codes[i]);
}

/* A point between letters becomes SOFT, any other a STOP; signs between letters become the letters they look like.
 * Tells how many points there are between letters. */
static place settle_points(text *t) {
    place points = 0;
    bool before = false; /* was the code before a letter, as the text was written? */
    for (place i = 0; i < t->n; i++) {
        code c = t->codes[i];
        bool inside = before && i + 1 < t->n && wordlike(t->codes[i + 1]);
        before = wordlike(c);
        if (before) continue;
        points += inside && (c == POINT || c == SOFT);
        if (c == POINT) t->codes[i] = inside ? SOFT : STOP;
        else if (c == AT || c == DOLLAR) t->codes[i] = inside ? unleet(c) : SPACE;
        else if (c == BANG) t->codes[i] = inside ? unleet(c) : STOP;
        else if (c == HARD) t->codes[i] = SPACE;
    }
    return points;
}

typedef struct { place end, points, letters; } token;

static bool inner(const text *t, place i) { /* a point between two letters */
    return t->codes[i] == SOFT && i > 0 && i + 1 < t->n && wordlike(t->codes[i - 1]) && wordlike(t->codes[i + 1]);
}

static token token_at(const text *t, place i) { /* letters and the points between them; empty at any other code */
    token found = {i, 0, 0};
    for (; found.end < t->n; found.end++) {
        if (wordlike(t->codes[found.end])) found.letters++;
        else if (inner(t, found.end)) found.points++;
        else break;
    }
    return found;
}

static bool is_cut(token word) { return word.points > 1 && word.letters <= LONGEST_PIECE * (double)(word.points + 1); }

/* Points between letters go from words that are cut to pieces, and from all words of a text that has many such. */
static void drop_points(text *t) {
    place longer = 0, pointed = 0, cut = 0;
    for (place i = 0; i < t->n; i++) {
        token word = token_at(t, i);
        longer += word.letters >= SHORTEST_RUN;
        pointed += word.letters >= SHORTEST_RUN && word.points > 0;
        cut += is_cut(word);
        i = word.end;
    }
    bool all = pointed >= FEWEST_POINTED && (double)pointed >= CUT_SHARE * (double)longer;
    if (!cut && !all) return;
    memset(t->marks, 0, (size_t)t->n);
    for (place i = 0; i < t->n; i++) {
        token word = token_at(t, i);
        bool goes = all || is_cut(word);
        for (; i < word.end; i++)
            if (goes && t->codes[i] == SOFT) t->marks[i] = GOES;
    }
    drop_marked(t);
}

/* Digits in a word of letters are letters. */
static void unleet_words(text *t) {
    for (place i = 0, end; i < t->n; i = end + 1) {
        place letters = 0, turns = 0;
        for (end = i; end < t->n && wordlike(t->codes[end]); end++) {
            letters += !digit(t->codes[end]);
            turns += end > i && digit(t->codes[end]) != digit(t->codes[end - 1]);
        }
        if (turns > 0 && (letters > 1 || turns > 1))
            for (; i < end; i++) t->codes[i] = unleet(t->codes[i]);
    }
}

/* Of each gap one code stays: its first STOP if it has one, else its first, as a SPACE. No branches: words are short. */
static void collapse(text *t) {
    place to = 0;
    bool gap = false;
    for (place i = 0; i < t->n; i++) {
        code c = t->codes[i];
        bool letter = wordlike(c), more = gap && !letter;
        place at = to - more;
        bool take = !more || (c == STOP && t->codes[at] != STOP);
        t->codes[at] = !take ? t->codes[at] : letter || c == STOP ? c : SPACE;
        t->origin[at] = take ? t->origin[i] : t->origin[at];
        to += !more;
        gap = !letter;
    }
    t->n = to;
}

static void fold_one(text *t) {
    uint32_t signs = 0, digits = 0;
    for (place i = 0; i < t->n; i++) {
        code c = t->codes[i];
        signs |= (c == HARD) | (c == GARMENT);
        digits |= (c - ZERO <= NINE - ZERO) | (c == AT) | (c == DOLLAR);
    }
    if (signs) drop_symbols(t);
    if (has_lone_pair(t)) drop_spaces(t);
    if (digits) unleet_text(t);
    if (settle_points(t) > 1) drop_points(t); /* a single one cuts no word to pieces */
    if (digits) unleet_words(t);
    collapse(t);
}

/* Fold texts that lie one after the other in `raw`, text k at bounds[k]:bounds[k+1].
 *
 * `table` says for every code point what it folds to. `codes` and `origin` take bounds[texts] + 2 * texts numbers at
 * most, `starts` texts + 1, `marks` two more than the longest text has. */
void fold(const code *raw, const place *bounds, place texts, const code *table, code *codes, place *origin,
          place *starts, uint8_t *marks) {
    place at = 0;
    for (place k = 0; k < texts; k++) {
        text t = {codes + at, origin + at, marks, 1};
        t.codes[0] = STOP;
        t.origin[0] = -1;
        place length = bounds[k + 1] - bounds[k];
        for (place i = 0; i < length; i++) {
            code c = raw[bounds[k] + i] < 0x110000 ? table[raw[bounds[k] + i]] : DROP;
            t.codes[t.n] = c;
            t.origin[t.n] = i;
            t.n += c != DROP;
        }
        t.codes[t.n] = STOP;
        t.origin[t.n++] = length;
        fold_one(&t);
        starts[k] = at;
        at += t.n;
    }
    starts[texts] = at;
}
