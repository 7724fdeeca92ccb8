"""Prints the true rate of the chi-square and G tests over the stated one, by simulation (needs NumPy and SciPy)."""

import numpy as np
from scipy import stats

RUNS = 400_000
UNEVEN = [0.3, 0.25, 0.2, 0.1, 0.08, 0.04, 0.02, 0.01]
CASES = [(300, UNEVEN[:6] + [0.03]), (500, UNEVEN), (50, [0.1] * 10)]

rng = np.random.default_rng(1)
for n, law in CASES:
    expected = n * np.array(law)
    counts = rng.multinomial(n, law, size=RUNS)
    pearson = ((counts - expected) ** 2 / expected).sum(1)
    g = 2 * np.where(counts > 0, counts * np.log(np.maximum(counts, 1) / expected), 0).sum(1)
    for rate in (0.05, 1e-3, 1e-4, 1e-5):
        limit = stats.chi2.isf(rate, len(law) - 1)
        row = "n = %d, smallest cell %.0f, stated %g: chi-square %.2f, G %.2f times"
        print(row % (n, expected.min(), rate, (pearson > limit).mean() / rate, (g > limit).mean() / rate))
