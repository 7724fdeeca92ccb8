"""Reference figures of Markov chains: R-hat, effective sample sizes and the standard error of the mean.

Run with arviz 0.23.4 installed; prints the JSON that mcmc.test.ts reads. The chains come from a linear congruential
generator, so that the test can make them again: x becomes slope * x + u - 0.5, plus shift times the number of the chain,
and is rounded down to a multiple of 1/step where there is a step. The last `stuck` chains stay at their first value.
"""
import json
import math
import warnings

import numpy as np
from arviz.stats import diagnostics as d

warnings.simplefilter("ignore")


def chains_of(case):
    state, out = case["seed"], []
    for c in range(case["chains"]):
        x, row = 0.0, []
        for _ in range(case["length"]):
            state = (state * 1103515245 + 12345) % 2**31
            x = case["slope"] * x + (state + 0.5) / 2**31 - 0.5
            y = x * (1 + case["spread"] * c) + case["shift"] * c
            row.append(math.floor(y * case["step"]) / case["step"] if case["step"] else y)
        out.append([row[0]] * len(row) if c >= case["chains"] - case["stuck"] else row)
    return np.array(out)


def case(name, seed, chains, length, slope=0.0, shift=0.0, spread=0.0, step=0, stuck=0):
    return {"name": name, "seed": seed, "chains": chains, "length": length, "slope": slope, "shift": shift,
            "spread": spread, "step": step, "stuck": stuck}


CASES = [
    case("independent", 1, 4, 500),
    case("slow", 2, 4, 1000, slope=0.95),
    case("fast", 3, 4, 400, slope=0.4),
    case("alternating", 4, 4, 400, slope=-0.7),
    case("odd length", 5, 3, 333, slope=0.8),
    case("chains apart", 6, 4, 250, slope=0.5, shift=0.4),
    case("spreads apart", 7, 4, 250, slope=0.5, spread=1.0),
    case("ties", 8, 4, 500, slope=0.6, step=2),
    case("two values", 9, 4, 300, slope=0.7, step=1),
    case("two values seldom", 10, 4, 300, slope=0.2, step=1, shift=0.04),
    case("four values a chain", 11, 4, 4),
    case("five values a chain", 12, 4, 5, slope=0.3),
    case("seven values a chain", 13, 2, 7, slope=0.9),
    case("ten values a chain", 14, 2, 10, slope=0.9),
    case("two chains", 15, 2, 2000, slope=0.99),
    case("one chain stuck", 16, 4, 300, slope=0.3, stuck=1),
    case("three chains stuck", 17, 4, 300, step=4, stuck=3),
]

out = []
for c in CASES:
    x = chains_of(c)
    out.append({**c, "rHat": float(d._rhat_rank(x)), "bulkEss": float(d._ess_bulk(x)), "tailEss": float(d._ess_tail(x)),
                "meanEss": float(d._ess_mean(x)), "mcse": float(d._mcse_mean(x))})
print(json.dumps(out, indent=2))
