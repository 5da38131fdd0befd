"""Expected values of statistics.test.ts, by a second implementation: python3 test/unit/evaluate/reference.py"""
import numpy as np
import scipy.stats as st

print('cdf', [float(st.norm.cdf(x)) for x in (-3, -1, 0.5, 2.5)])
print('quantile of normal', [float(st.norm.ppf(x)) for x in (0.005, 0.05, 0.95, 0.975, 0.995)])
for hits, of in ((0, 10), (3, 10), (10, 10), (181, 200)):
    found = st.binomtest(hits, of).proportion_ci(0.95, 'wilson')
    print('wilson', hits, of, found.low, found.high)
ordinary, positive = [0.1, 0.4, 0.4, 0.7, 0.2, 0.9], [0.4, 0.8, 0.9, 0.95]
print('auroc', st.mannwhitneyu(positive, ordinary).statistic / (len(ordinary) * len(positive)))
even = [(i * 37 % 101) / 101 for i in range(1, 101)]
for power in (1, 1.2, 1.4, 2):
    found = st.kstest([value ** power for value in even], 'uniform')
    print('kolmogorov', power, found.statistic, found.pvalue)
for x in (0.3, 0.5, 0.8276, 1.0, st.kstwobign.isf(0.05), st.kstwobign.isf(0.01), 1.95):
    print('kolmogorov, above', float(x), float(st.kstwobign.sf(x)))
other = [((i * 53 % 83) / 83) ** 1.3 for i in range(1, 83)]
for power in (1, 1.5, 2):
    found = st.ks_2samp([value ** power for value in even], other)
    size = np.sqrt(len(even) * len(other) / (len(even) + len(other)))
    print('two samples', power, found.statistic, float(st.kstwobign.sf(found.statistic * size)))
print('two samples with ties', st.ks_2samp([1, 2, 2, 3, 3, 3], [2, 2, 3, 4, 5]).statistic)
print('quantile', np.quantile([1, 2, 4, 8, 16], [0.025, 0.3, 0.975]).tolist())
