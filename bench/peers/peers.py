"""Other systems on the Markov chain of markov6.arpa, through their public interfaces. Prints one JSON line a row.

    npx -y pnpm@10 bench --only peers --python ../peers/bin/python

README.md, one folder up, says how to install them. Systems that are not installed are skipped with a word. `error` is the root mean square error of log Z over the seeds.
"""

import asyncio
import json
import math
import random
import sys
import time

LETTERS = "abcdef"
LENGTH = 8
NINF = float("-inf")


def read_chain(path):
    """log P of the next letter by the (at most two) letters before it, read from the ARPA file."""
    table = {}
    with open(path, encoding="utf8") as lines:
        for line in lines:
            parts = line.rstrip("\n").split("\t")
            if len(parts) >= 2:
                table[parts[1]] = float(parts[0]) * math.log(10)

    def law(context):
        raw = [table[f"{context} {w}"] for w in LETTERS]
        top = max(raw)
        total = top + math.log(sum(math.exp(x - top) for x in raw))
        return [x - total for x in raw]

    laws = {"": law("<s>")}
    for a in LETTERS:
        laws["^" + a] = law(f"<s> {a}")
        for b in LETTERS:
            laws[a + b] = law(f"{a} {b}")
    return laws


def next_law(laws, text):
    return laws[""] if not text else laws["^" + text] if len(text) == 1 else laws[text[-2:]]


def clean(text):
    return "ab" not in text and "fa" not in text


def report(peer, task, n, run, seeds, truth):
    run(0)
    began = time.perf_counter()
    estimates = [run(seed) for seed in range(1, seeds + 1)]
    seconds = time.perf_counter() - began
    error = math.sqrt(sum((x - truth) ** 2 for x in estimates) / seeds)
    row = {"peer": peer, "task": task, "particles": n, "seeds": seeds, "error": error, "perSecond": n * seeds / seconds}
    print(json.dumps(row), flush=True)


def skipped(peer, reason):
    print(json.dumps({"peer": peer, "skipped": str(reason)}), flush=True)


def genlm_rows(laws, truths, seeds):
    import numpy as np
    from genlm.control import AWRS, Potential, direct_token_sampler

    symbols = [bytes([ord(c)]) for c in LETTERS]
    as_text = lambda context: b"".join(context).decode()

    class Chain(Potential):
        def __init__(self):
            super().__init__(symbols)

        def log_prob(self, text):
            return sum(next_law(laws, text[:i])[LETTERS.index(c)] for i, c in enumerate(text))

        async def complete(self, context):
            return self.log_prob(as_text(context)) if len(context) == LENGTH else NINF

        async def prefix(self, context):
            return self.log_prob(as_text(context)) if len(context) <= LENGTH else NINF

        async def logw_next(self, context):
            if len(context) == LENGTH:
                return self.make_lazy_weights(np.array([NINF] * len(LETTERS) + [0.0]))
            return self.make_lazy_weights(np.array(next_law(laws, as_text(context)) + [NINF]))

    class Clean(Potential):
        def __init__(self):
            super().__init__(symbols)

        async def complete(self, context):
            return 0.0 if clean(as_text(context)) else NINF

        async def prefix(self, context):
            return 0.0 if clean(as_text(context)) else NINF

    class Reward(Potential):
        def __init__(self):
            super().__init__(symbols)

        async def complete(self, context):
            return 2.0 * as_text(context).count("c")

        async def prefix(self, context):
            return 2.0 * as_text(context).count("c")

    async def smc(sampler, n, threshold):
        result = await sampler.smc(n_particles=n, ess_threshold=threshold, max_tokens=LENGTH + 1)
        return result.log_ml

    def seeded(sampler, n):
        def run(seed):
            np.random.seed(seed)
            random.seed(seed)
            return asyncio.run(smc(sampler(seed), n, 0.5))

        return run

    for n in (10, 100):
        report("genlm-control AWRS", "A", n, seeded(lambda s: AWRS(Chain(), Clean(), seed=s), n), seeds, truths["A"])
        product = lambda s: direct_token_sampler(Chain() * Reward())
        report("genlm-control product", "B", n, seeded(product, n), seeds, truths["B"])


def llamppl_rows(laws, truths, seeds):
    import numpy as np
    from llamppl import Model, smc_standard, smc_steer
    from llamppl.distributions.distribution import Distribution

    class Next(Distribution):
        def __init__(self, text):
            self.law = next_law(laws, text)

        async def sample(self):
            i = np.random.choice(len(LETTERS), p=np.exp(self.law))
            return LETTERS[i], self.law[i]

        async def log_prob(self, letter):
            return self.law[LETTERS.index(letter)]

        async def argmax(self, i):
            order = np.argsort(self.law)[::-1]
            return LETTERS[order[i]], self.law[order[i]]

    class Chain(Model):
        def __init__(self):
            super().__init__()
            self.text = ""

        async def step(self):
            letter = await self.sample(Next(self.text))
            self.text += letter
            self.score(2.0 if letter == "c" else 0.0)
            if len(self.text) == LENGTH:
                self.finish()

    def mean(particles):
        weights = [p.weight for p in particles]
        top = max(weights)
        return top + math.log(sum(math.exp(w - top) for w in weights) / len(weights))

    def seeded(infer, n):
        def run(seed):
            np.random.seed(seed)
            random.seed(seed)
            return mean(asyncio.run(infer(n)))

        return run

    n = 100
    standard = lambda n: smc_standard(Chain(), n, 0.5)
    report("llamppl SMC standard", "B", n, seeded(standard, n), seeds, truths["B"])
    report("llamppl SMC steering", "B", n, seeded(lambda n: smc_steer(Chain(), n // 5, 5), n), seeds, truths["B"])


def disco_rows(laws, _truths, seeds):
    import torch
    from disco.distributions.distribution import Distribution
    from disco.samplers import QuasiRejectionSampler
    from disco.scorers.boolean_scorer import BooleanScorer
    from disco.scorers.exponential_scorer import ExponentialScorer
    from disco.scorers.positive_scorer import PositiveScorer, Product
    from disco.scorers.scorer import Scorer

    ids = {context: i for i, context in enumerate(laws)}
    rows = torch.tensor([laws[context] for context in laws], dtype=torch.float64)
    follow = torch.tensor([[ids[(("^" + c) if c0 == "" else (c0[-1] + c))] for c in LETTERS] for c0 in laws])

    class Chain(Distribution, PositiveScorer):
        def __init__(self):
            Scorer.__init__(self, None)

        def sample(self, context="", sampling_size=32):
            state = torch.zeros(sampling_size, dtype=torch.long)
            score = torch.zeros(sampling_size, dtype=torch.float64)
            letters = []
            for _ in range(LENGTH):
                drawn = torch.multinomial(rows[state].exp(), 1).squeeze(1)
                score += rows[state, drawn]
                letters.append(drawn)
                state = follow[state, drawn]
            texts = ["".join(LETTERS[i] for i in row) for row in torch.stack(letters, 1).tolist()]
            return texts, score

        def log_score(self, samples, context=""):
            letters = torch.frombuffer(bytearray("".join(samples).encode()), dtype=torch.uint8).long() - ord("a")
            letters = letters.reshape(len(samples), LENGTH)
            state = torch.zeros(len(samples), dtype=torch.long)
            score = torch.zeros(len(samples), dtype=torch.float64)
            for t in range(LENGTH):
                score += rows[state, letters[:, t]]
                state = follow[state, letters[:, t]]
            return score

    def rate(task, target, constant, batches, size):
        sampler = QuasiRejectionSampler(target, Chain(), beta=constant)
        sampler.sample(sampling_size=size)
        began, accepted = time.perf_counter(), 0
        for _ in range(batches):
            accepted += len(sampler.sample(sampling_size=size)[0])
        seconds = time.perf_counter() - began
        peer = f"disco quasi-rejection, M = {constant:g}"
        row = {"peer": peer, "task": task, "acceptance": accepted / (batches * size), "perSecond": accepted / seconds}
        print(json.dumps(row), flush=True)

    torch.manual_seed(0)
    allowed = BooleanScorer(lambda text, _context: clean(text))
    reward = ExponentialScorer([Scorer(lambda text, _context: float(text.count("c")))], [2.0])
    rate("A", Product(Chain(), allowed), 1.0, 2 * seeds, 2000)
    rate("B", Product(Chain(), reward), 1e4, 2 * seeds, 2000)


def main():
    arpa, answers, seeds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    laws = read_chain(arpa)
    with open(answers, encoding="utf8") as file:
        truths = {name: value["logZ"] for name, value in json.load(file).items()}
    for name, rows in (("genlm-control", genlm_rows), ("llamppl", llamppl_rows), ("disco", disco_rows)):
        try:
            rows(laws, truths, seeds)
        except ImportError as error:
            skipped(name, error)


main()
