"""Interpolated modified Kneser-Ney, written a second time and in another way: strings, dictionaries, plain recursion.

Made for comparison only. `python3 oracle/kneser_ney.py > fixtures/kneser_ney.json` writes the probabilities that the tests read: for each case
the training texts and, for a list of histories, the probability of every token and of the end of the text.
Python 3 standard library only; takes a few seconds.
"""
import json
import random
import re
import unicodedata
from collections import defaultdict

START, END = "<s>", "</s>"


def cut(text, level):
    if level == "char":
        return list(text)
    tokens, word = [], ""
    for c in text:
        if unicodedata.category(c)[0] == "L" or unicodedata.category(c) == "Nd" or c == "'":
            word += c
            continue
        if word:
            tokens.append(word)
            word = ""
        if not c.isspace():
            tokens.append(c)
    return tokens + [word] if word else tokens


class Model:
    def __init__(self, texts, order, level):
        self.order = order
        padded = [[START] + cut(t, level) + [END] for t in texts]
        self.vocabulary = list(dict.fromkeys(w for p in padded for w in p[1:-1]))
        # raw[k][gram]: how often each k-gram occurs; left[k][gram]: the set of tokens seen just before it
        self.raw = [defaultdict(int) for _ in range(order + 2)]
        self.left = [defaultdict(set) for _ in range(order + 2)]
        for p in padded:
            for end in range(1, len(p) + 1):
                for k in range(1, order + 1):
                    if end - k < 0:
                        continue
                    gram = tuple(p[end - k:end])
                    if gram == (START,):
                        continue
                    self.raw[k][gram] += 1
                    if end - k > 0:
                        self.left[k][gram].add(p[end - k - 1])
        self.discount = [None] + [self.discounts(k) for k in range(1, order + 1)]
        self.cache = {}

    def count(self, gram):
        k = len(gram)
        if gram not in self.raw[k]:
            return 0
        if k == self.order or gram[0] == START:
            return self.raw[k][gram]
        return len(self.left[k][gram])

    def discounts(self, k):
        n = [0] * 5
        for gram in self.raw[k]:
            c = self.count(gram)
            if c <= 4:
                n[c] += 1
        if min(n[1:]) > 0:
            y = n[1] / (n[1] + 2 * n[2])
            d = [j - (j + 1) * y * n[j + 1] / n[j] for j in (1, 2, 3)]
            if all(0 < value < j for j, value in zip((1, 2, 3), d)):
                return d
        return [0.75, 0.75, 0.75]

    def p(self, word, history):
        history = tuple(history)[-(self.order - 1):] if self.order > 1 else ()
        key = (word, history)
        if key not in self.cache:
            self.cache[key] = self.compute(word, history)
        return self.cache[key]

    def compute(self, word, history):
        k = len(history) + 1
        lower = 1 / (len(self.vocabulary) + 1) if k == 1 else self.p(word, history[1:])
        following = [self.count(history + (v,)) for v in self.vocabulary + [END]]
        total = sum(following)
        if total == 0:
            return lower
        d = self.discount[k]
        removed = sum(d[min(c, 3) - 1] for c in following if c > 0)
        c = self.count(history + (word,))
        kept = c - d[min(c, 3) - 1] if c > 0 else 0
        return kept / total + removed / total * lower


def histories(texts, model, level, rng):
    """Prefixes of the texts, and random token strings, most of which were never seen."""
    found = [[]]
    for text in texts[:6]:
        tokens = cut(text, level)
        found += [tokens[:i] for i in range(1, min(len(tokens), 4) + 1)]
    for _ in range(12):
        found.append([rng.choice(model.vocabulary) for _ in range(rng.randint(1, 4))])
    return found


def random_texts(rng, words, texts, longest):
    weights = [1 / (i + 1) ** 1.3 for i in range(len(words))]
    return [" ".join(rng.choices(words, weights, k=rng.randint(1, longest))) for _ in range(texts)]


def main():
    rng = random.Random(20261123)
    words = ["the", "cat", "sat", "on", "a", "mat", "Don't", "dog", "ran", "2x", "home", ".", "été", "so", "up"]
    corpora = {
        "three lines": (["a b a", "b a", "a b c"], "word"),
        "one word": (["hello"], "word"),
        "punctuation": (["It's 5 o'clock, isn't it?", "No: it’s (not) 6 o'clock!", "naïve café – yes, yes."], "word"),
        "two hundred texts": (random_texts(rng, words, 200, 9), "word"),
        "rare words": (random_texts(rng, [f"w{i}" for i in range(60)], 25, 8), "word"),
        "letters": (random_texts(rng, ["ab", "ba", "aab", "c", "bca", "𝄞a"], 60, 4), "char"),
    }
    cases = []
    for name, (texts, level) in corpora.items():
        for order in (1, 2, 3, 4):
            model = Model(texts, order, level)
            rows = []
            for history in histories(texts, model, level, rng):
                rows.append({"history": history, "p": [model.p(w, [START] + history) for w in model.vocabulary + [END]]})
            cases.append({"name": name, "level": level, "order": order, "discounts": model.discount[1:], "texts": texts,
                          "vocabulary": model.vocabulary, "rows": rows})
    print(json.dumps(cases, ensure_ascii=False))


if __name__ == "__main__":
    main()
