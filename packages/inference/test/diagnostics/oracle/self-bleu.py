"""Reference values of BLEU of each sequence against the others.

Run with nltk 3.10.4 installed; prints the JSON that text.test.ts reads. The sequences come from a linear congruential
generator; a small vocabulary makes n-grams repeat, and some sequences are empty or shorter than n.
"""
import json

from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu

state = 7


def uniform():
    global state
    state = (state * 1103515245 + 12345) % 2**31
    return (state + 0.5) / 2**31


def sequence(words, longest):
    return [int(uniform() * words) for _ in range(int(uniform() * (longest + 1)))]


smooth = SmoothingFunction().method1
cases = []
for words, longest, size in [(3, 12, 8), (6, 20, 15), (40, 9, 10), (2, 5, 12)]:
    texts = [sequence(words, longest) for _ in range(size)]
    for n in [1, 2, 4, 5]:
        bleu = [
            sentence_bleu(texts[:i] + texts[i + 1 :], t, weights=[1 / n] * n, smoothing_function=smooth)
            for i, t in enumerate(texts)
        ]
        cases.append({"n": n, "texts": texts, "bleu": bleu})

print(json.dumps(cases))
