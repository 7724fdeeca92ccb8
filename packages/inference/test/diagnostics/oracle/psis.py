"""Reference shapes of Pareto fits to importance weights.

Run with arviz-stats 0.8.0 installed; prints the JSON that psis.test.ts reads. The weights come from a linear congruential
generator, so that the test can make them again.
"""
import json
import math

import numpy as np
from arviz_stats.base import array_stats


def uniforms(seed, n):
    state, out = seed, []
    for _ in range(n):
        state = (state * 1103515245 + 12345) % 2**31
        out.append((state + 0.5) / 2**31)
    return out


CASES = [
    {"name": "light exponential", "seed": 1, "size": 1000, "slope": 0.3},
    {"name": "pareto 0.5", "seed": 2, "size": 1000, "slope": 0.5},
    {"name": "pareto 0.9", "seed": 3, "size": 2000, "slope": 0.9},
    {"name": "pareto 1.4", "seed": 4, "size": 500, "slope": 1.4},
    {"name": "short run", "seed": 5, "size": 120, "slope": 0.6},
]

out = []
for case in CASES:
    log_weights = np.array([-case["slope"] * math.log(u) for u in uniforms(case["seed"], case["size"])])
    smoothed, k = array_stats.psislw(-log_weights, r_eff=1.0)
    smoothed = np.asarray(smoothed)
    order = np.argsort(log_weights)
    top = order[-5:]
    # arviz-stats takes log likelihoods, the negative log weights, and shifts them: differences are compared.
    out.append({**case, "k": float(k), "topGaps": [float(smoothed[i] - smoothed[order[0]]) for i in top]})
print(json.dumps(out, indent=2))
