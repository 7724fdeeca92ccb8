"""Writes weather.arpa: a bigram model of corpus.txt with absolute discounting (d = 0.5), log10 as ARPA has it.

    python3 make_arpa.py > weather.arpa
"""
import collections
import math

lines = [["<s>", *line.split(), "</s>"] for line in open("corpus.txt", encoding="utf-8")]
unigrams = collections.Counter(w for line in lines for w in line[1:])
bigrams = collections.Counter(pair for line in lines for pair in zip(line, line[1:]))
total = sum(unigrams.values())
probability = {w: n / total for w, n in unigrams.items()}
followers = collections.defaultdict(dict)
for (first, second), n in bigrams.items():
    followers[first][second] = n

discount = 0.5
backoff = {}
seen = {}
for first, counts in followers.items():
    size = sum(counts.values())
    for second, n in counts.items():
        seen[first, second] = (n - discount) / size
    left = discount * len(counts) / size
    backoff[first] = left / (1 - sum(probability[w] for w in counts))

print("\\data\\")
print(f"ngram 1={len(probability) + 1}")
print(f"ngram 2={len(seen)}")
print("\n\\1-grams:")
print(f"-99\t<s>\t{math.log10(backoff['<s>']):.7f}")
for w in sorted(probability):
    tail = f"\t{math.log10(backoff[w]):.7f}" if w in backoff else ""
    print(f"{math.log10(probability[w]):.7f}\t{w}{tail}")
print("\n\\2-grams:")
for first, second in sorted(seen):
    print(f"{math.log10(seen[first, second]):.7f}\t{first} {second}")
print("\n\\end\\")
