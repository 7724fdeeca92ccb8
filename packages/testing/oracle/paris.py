"""Independent computation of posteriors over the trigram model of nlp-corpus; writes paris.json.

    python3 paris.py FOLDER_OF_NLP_CORPUS        (the npm package; needs numpy)

Apart from the product in language, data structures and direction: it counts n-grams by sorting packed integers, keeps the
model in interpolated form, and pushes probability mass *forward*, one token at a time, over the states
(automaton, last stored context). The product's recursion runs backward over a back-off table.

The model, as the language reference defines `ngram("nlp-corpus", order = 3, max_tokens = 20)`:
  * a token is a maximal run of letters (Unicode L), decimal digits (Nd) and apostrophes (U+0027), or one other code
    point that is not white space as ECMAScript has it (so U+0085, which the corpus has 18 times, is a token); case is
    kept;
  * each text is <s> w1 ... wn </s>, with a single <s>;
  * interpolated modified Kneser-Ney (Chen & Goodman 1999): at the highest order raw counts, below it the number of
    distinct left neighbours, but raw counts for n-grams that begin with <s> (nothing stands to their left); three
    discounts per order from the counts of counts; the unigrams interpolate with 1/(V + 1), the end of sequence included;
  * at 20 tokens a text stops without an end-of-sequence factor.
"""

import glob
import json
import math
import os
import re
import sys
import unicodedata

import numpy as np

MAX_TOKENS = 20
APOSTROPHE = "'"
WHITE_SPACE = "\t\n\v\f\r\ufeff\u2028\u2029"  # and Unicode Zs


def tokenizer(texts):
    """A regular expression whose character classes are spelled out from the code points that occur."""
    seen = set().union(*map(set, texts))
    word = [c for c in seen if unicodedata.category(c)[0] == "L" or unicodedata.category(c) == "Nd" or c == APOSTROPHE]
    space = [c for c in seen if unicodedata.category(c) == "Zs" or c in WHITE_SPACE]
    inside, outside = ("".join(re.escape(c) for c in sorted(x)) for x in (word, space))
    return re.compile("[%s]+|[^%s]" % (inside, outside)).findall


def read_corpus(folder):
    texts = []
    for i in range(100):
        with open(os.path.join(folder, "builds", "doc-%d.json" % i), encoding="utf-8") as f:
            texts.extend(json.load(f))
    tokenize = tokenizer(texts)
    return [tokenize(t) for t in texts]


def discounts(counts):
    """D1, D2, D3+ of Chen & Goodman from how many n-grams have the counts 1 to 4."""
    n = [int(np.count_nonzero(counts == k)) for k in range(5)]
    y = n[1] / (n[1] + 2 * n[2])
    return np.array([0.0] + [k - (k + 1) * y * n[k + 1] / n[k] for k in (1, 2, 3)])


def discounted(context, counts, contexts):
    """(count - D(count)) / total of its context, and the mass each context has left."""
    total = np.bincount(context, counts, contexts)
    d = discounts(counts)[np.minimum(counts, 3)]
    kept = (counts - d) / total[context]
    left = np.bincount(context, d, contexts) / np.where(total > 0, total, 1)
    return kept, np.where(total > 0, left, 1.0)


class Trigram:
    """Words 0..V-1, end V, start V+1. Bigrams and trigrams as sorted arrays; a bigram's index is a context's name."""

    def __init__(self, sentences):
        self.words = sorted({w for s in sentences for w in s})
        ids = {w: i for i, w in enumerate(self.words)}
        v = self.v = len(self.words)
        end, start, base = v, v + 1, v + 2
        flat = np.array([x for s in sentences for x in (start, *(ids[w] for w in s), end)], dtype=np.int64)
        pairs = flat[:-1] * base + flat[1:]
        pairs = pairs[flat[:-1] != end]
        inner = (flat[:-2] != end) & (flat[1:-1] != end)
        triples = ((flat[:-2] * base + flat[1:-1]) * base + flat[2:])[inner]

        bigrams, raw2 = np.unique(pairs, return_counts=True)
        trigrams, c3 = np.unique(triples, return_counts=True)
        self.left2, self.right2 = bigrams // base, bigrams % base
        self.left3 = np.searchsorted(bigrams, trigrams // base)
        tail = trigrams % (base * base)
        self.target3 = np.searchsorted(bigrams, tail)
        preceding = np.bincount(self.target3, minlength=len(bigrams))
        c2 = np.where(self.left2 == start, raw2, preceding)
        c1 = np.bincount(self.right2, minlength=base)[: v + 1]

        self.a3, self.g3 = discounted(self.left3, c3, len(bigrams))
        self.a2, self.g2 = discounted(self.left2, c2, base)
        a1, g1 = discounted(np.zeros(v + 1, dtype=np.int64), c1, 1)
        self.p1 = a1 + g1[0] / (v + 1)
        self.p2 = self.a2 + self.g2[self.left2] * self.p1[self.right2]
        self.size = {"tokens": int(len(flat) - 2 * len(sentences)), "words": v, "bigrams": len(bigrams), "trigrams": len(trigrams)}
        self.start = start


def step(model, pair_mass, single_mass):
    """One token further. In: mass by stored bigram context and by one-word context. Out: the same after the next token,
    where the rows of the end of sequence hold what ended here; the mass of a target that is not a stored bigram is in
    the one-word context of its last word."""
    v = model.v
    down = single_mass + np.bincount(model.right2, pair_mass * model.g3, v + 2)
    to_pair = np.bincount(model.target3, pair_mass[model.left3] * model.a3, len(model.p2))
    to_pair += down[model.left2] * model.p2
    backed = down * model.g2
    to_single = np.zeros(v + 2)
    to_single[: v + 1] = model.p1 * (backed.sum() - np.bincount(model.right2, backed[model.left2], v + 2)[: v + 1])
    return to_pair, np.maximum(to_single, 0)


def run(model, weight, absorbing):
    """Total weighted mass of complete texts, and its mean length. `weight` multiplies each token's occurrences.
    With `absorbing`, only texts with a token of weight != 1 count, and then once."""
    v = model.v
    special = weight != 1
    layers = 2 if absorbing else 1
    pairs = [np.zeros(len(model.p2)) for _ in range(layers)]
    singles = [np.zeros(v + 2) for _ in range(layers)]
    singles[0][model.start] = 1.0
    done = length = 0.0
    for t in range(MAX_TOKENS):
        moved = [step(model, p, s) for p, s in zip(pairs, singles)]
        ended = [p[model.right2 == v].sum() + s[v] for p, s in moved]
        done += ended[-1]
        length += t * ended[-1]
        for p, s in moved:
            p[model.right2 == v] = 0
            s[v] = 0
        if absorbing:
            hit2, hit1 = special[model.right2], special
            (p0, s0), (p1, s1) = moved
            moved = [(np.where(hit2, 0, p0), np.where(hit1, 0, s0)), (p1 + np.where(hit2, p0, 0), s1 + np.where(hit1, s0, 0))]
        else:
            moved = [(p * weight[model.right2], s * weight) for p, s in moved]
        pairs, singles = [list(x) for x in zip(*moved)]
    stopped = pairs[-1].sum() + singles[-1].sum()
    return done + stopped, (length + MAX_TOKENS * stopped) / (done + stopped)


def containing(model, text):
    """Weight 2 on the tokens with this text in them: a match cannot reach over the space between tokens."""
    return np.array([2.0 if text in w else 1.0 for w in model.words] + [1.0, 1.0])


def main(folder):
    model = Trigram(read_corpus(folder))
    curses = {"damn", "hell", "crap"}
    either = np.array([2.0 if w in curses else 1.0 for w in model.words] + [1.0, 1.0])
    tilt = np.array([math.exp(w.count("Paris") / 0.5) for w in model.words] + [1.0, 1.0])
    total, mean = run(model, np.ones(model.v + 2), False)
    rows = {
        "prior": (total, mean),
        'prior | contains("Paris")': run(model, containing(model, "Paris"), True),
        'prior | contains_any(["damn", "hell", "crap"], whole_word = true)': run(model, either, True),
        'prior * exp(count("Paris") / 0.5)': run(model, tilt, False),
    }
    out = {
        "how": "packages/testing/oracle/paris.py on nlp-corpus 4.4.0 (npm): forward propagation over an interpolated "
        'trigram model, numpy %s, Unicode %s. prior = ngram("nlp-corpus", order = 3, max_tokens = 20)'
        % (np.__version__, unicodedata.unidata_version),
        "model": model.size,
        "posteriors": {k: {"logZ": math.log(z), "z": z, "length": m} for k, (z, m) in rows.items()},
    }
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "paris.json")
    with open(path, "w", encoding="utf-8") as f:
        json.dump(out, f, indent=2, ensure_ascii=False)
        f.write("\n")
    print(json.dumps(out, indent=1))


if __name__ == "__main__":
    main(sys.argv[1])
