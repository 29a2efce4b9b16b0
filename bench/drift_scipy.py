"""What a notebook does: pandas reads two Parquet files, SciPy compares each column. Prints seconds and peak memory."""

import json
import math
import resource
import sys
import time

import numpy as np
import pandas as pd
from scipy.spatial import distance
from scipy.stats import ks_2samp, wasserstein_distance

started = time.perf_counter()
baseline, current = (pd.read_parquet(path) for path in sys.argv[1:3])
found = {}
for column in baseline.columns:
    a, b = baseline[column].to_numpy(), current[column].to_numpy()
    bins = math.ceil(math.log2(min(len(a), len(b))) + 1)
    edges = np.linspace(min(a.min(), b.min()), max(a.max(), b.max()), bins + 1)
    p, q = np.histogram(a, edges)[0], np.histogram(b, edges)[0]
    r, s = (p + 1) / (p.sum() + bins), (q + 1) / (q.sum() + bins)
    found[column] = {
        "NormalizedWassersteinDistance": wasserstein_distance(a, b) / max(a.std(ddof=1), 0.001),
        "JensenShannonDistance": float(distance.jensenshannon(p / p.sum(), q / q.sum(), base=2)),
        "PopulationStabilityIndex": float(((s - r) * np.log(s / r)).sum()),
        "TwoSampleKolmogorovSmirnovTest": float(ks_2samp(a, b).statistic),
    }
ms = (time.perf_counter() - started) * 1000
print(json.dumps({"ms": ms, "peakMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "found": found}))
