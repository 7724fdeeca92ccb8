"""Writes special.json: values of the special functions behind the gates, from SciPy."""

import json
import os

from scipy import special, stats

LOG_GAMMA = [1e-3, 0.1, 0.5, 1, 1.5, 2, 3.7, 10, 55.5, 1e3, 1e6]
GAMMA_Q = [(0.5, 0.1), (0.5, 12), (1, 3), (2.5, 2.4), (10, 3), (10, 40), (50, 49), (50, 130), (500, 640), (0.5, 300)]
BETA_I = [(0.1, 2, 3), (0.9, 2, 3), (0.5, 0.5, 0.5), (0.3, 20, 40), (0.01, 3, 900), (0.93, 340, 60), (0.5, 600, 400), (0.999, 50, 2)]
BINOMIAL = [(0, 10, 0.3), (3, 10, 0.3), (340, 400, 0.93), (390, 400, 0.93), (12, 10000, 0.0002), (9000, 10000, 0.91)]
STUDENT = [(0.5, 3), (2, 10), (6, 30), (5, 399)]
NORMAL = [-3, 0, 0.5, 1.96, 4.7534, 8, 20]

values = {
    "logGamma": [[x, special.gammaln(x)] for x in LOG_GAMMA],
    "gammaQ": [[a, x, special.gammaincc(a, x)] for a, x in GAMMA_Q],
    "betaI": [[x, a, b, special.betainc(a, b, x)] for x, a, b in BETA_I],
    "binomialLower": [[k, n, p, stats.binom.cdf(k, n, p)] for k, n, p in BINOMIAL],
    "binomialUpper": [[k, n, p, stats.binom.sf(k - 1, n, p)] for k, n, p in BINOMIAL],
    "studentTwoSided": [[t, d, 2 * stats.t.sf(t, d)] for t, d in STUDENT],
    "normalTail": [[z, stats.norm.sf(z)] for z in NORMAL],
}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "special.json")
with open(path, "w") as f:
    json.dump(values, f, indent=2, default=float)
    f.write("\n")
