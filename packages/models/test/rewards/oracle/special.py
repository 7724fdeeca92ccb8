"""Writes special.json: reference numbers of the special functions and losses of rewards, from mpmath (50 digits) and scipy.

    pip install mpmath scipy && python special.py > special.json
"""
import json
from mpmath import mp, mpf, log, ncdf, loggamma, psi, beta, binomial, erfc, sqrt
from scipy import stats, special

mp.dps = 50
f = lambda x: float(x)

log_ncdf = [[z, f(log(erfc(-mpf(z) / sqrt(2)) / 2))] for z in [-60, -38.5, -12, -5, -2.5, -2.49, -1, -0.1, 0, 0.3, 1, 2.6, 6, 9]]
log_gamma = [[x, f(loggamma(mpf(x)))] for x in [0.001, 0.3, 1, 1.5, 3.7, 9.99, 10, 42, 1e4, 1e9]]
digamma = [[x, f(psi(0, mpf(x)))] for x in [0.001, 0.3, 1, 1.4616321449683623, 3.7, 10, 1e6]]
log_rise = [[a, n, f(loggamma(mpf(a) + n) - loggamma(mpf(a)))] for a, n in [(0.5, 3), (2, 0), (1e9, 7), (1e12, 200), (0.001, 300), (12.5, 5000), (64, 65)]]
log_choose = [[n, k, f(log(binomial(n, k)))] for n, k in [(5, 2), (10, 0), (400, 150), (100000, 3)]]
beta_cdf = [[x, a, b, float(special.betainc(a, b, x))] for x, a, b in [(0.3, 2, 5), (0.9, 0.5, 0.5), (0.01, 0.2, 3), (0.5, 300, 280), (0.7, 1, 1)]]
beta_quantile = [[p, a, b, float(special.betaincinv(a, b, p))] for p, a, b in [(0.1, 2, 5), (0.5, 0.5, 0.5), (0.95, 30, 4)]]

# -log Phi((mw - ml) / sqrt(sw^2 + sl^2)): not softplus(-z sqrt(2 pi)), which is off by up to 0.095 in the probability.
dpl = []
for mw, sw, ml, sl in [(1, 1, 0, 1), (0.2, 0.5, 0.9, 2), (-3, 0.3, 3, 0.2), (4, 0.1, 0, 0.1), (0, 1, 0, 1)]:
    z = (mpf(mw) - ml) / sqrt(mpf(sw) ** 2 + mpf(sl) ** 2)
    dpl.append([mw, sw, ml, sl, f(-log(ncdf(z))), float(-stats.norm.logcdf(float(z)))])

beta_binomial = []
for k, n, a, b in [(3, 5, 2.0, 1.5), (0, 4, 0.3, 7), (10, 10, 1e8, 2e8), (120, 400, 25, 60), (1, 1, 0.01, 0.01)]:
    exact = -log(binomial(n, k)) - log(beta(k + mpf(a), n - k + mpf(b))) + log(beta(mpf(a), mpf(b)))
    beta_binomial.append([k, n, a, b, f(exact), float(-stats.betabinom.logpmf(k, n, a, b))])

print(json.dumps(dict(logNormalCdf=log_ncdf, logGamma=log_gamma, digamma=digamma, logRise=log_rise, logChoose=log_choose,
                      betaCdf=beta_cdf, betaQuantile=beta_quantile, meanVariance=dpl, betaBinomial=beta_binomial), indent=1))
