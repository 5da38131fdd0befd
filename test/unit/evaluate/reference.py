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
print('quantile', np.quantile([1, 2, 4, 8, 16], [0.025, 0.3, 0.975]).tolist())
