"""Writes what SciPy answers to generated samples: `python record.py > expected.json` (SciPy 1.15 or newer)."""

import json

import numpy as np
from scipy import stats
from scipy.spatial.distance import jensenshannon

random = np.random.default_rng(7)


def latency(a_size, b_size, slower):
    a = np.round(random.lognormal(3 + slower, 0.4, a_size))
    b = np.round(random.lognormal(3, 0.4, b_size))
    result = stats.mannwhitneyu(a, b, alternative="greater", method="asymptotic")
    return {"a": a.tolist(), "b": b.tolist(), "p": result.pvalue}


def errors(x, m, y, n):
    fisher = stats.fisher_exact([[x, m - x], [y, n - y]], alternative="greater").pvalue
    pooled = (x + y) / (m + n)
    z = (x / m - y / n) / np.sqrt(pooled * (1 - pooled) * (1 / m + 1 / n))
    return {"happened": [x, y], "of": [m, n], "fisher": fisher, "z": stats.norm.sf(z)}


def labels(a, b):
    names = sorted({*a, *b})
    shares = [[side.count(name) / len(side) for name in names] for side in (a, b)]
    return {"a": a, "b": b, "distance": jensenshannon(*shares, base=2)}


print(
    json.dumps(
        {
            "mannWhitney": [
                latency(*case)
                for case in [(5, 7, 0.0), (60, 300, 0.0), (60, 300, 0.2), (200, 200, 1.5), (40, 1, -0.3)]
            ],
            "proportions": [
                errors(*case)
                for case in [(1, 50, 0, 5000), (12, 100, 30, 900), (0, 100, 3, 900), (80, 400, 30, 3600)]
            ],
            "normal": [{"z": z, "p": stats.norm.sf(z)} for z in (-5, -1, 0, 0.5, 2, 4.2, 4.3, 6, 12)],
            "jensenShannon": [
                labels(["0", "1", "1", "1"], ["0", "0", "0", "1"]),
                labels(["a", "b"], ["c"]),
                labels(["a", "b", "c", "a"], ["b", "c", "a", "a"]),
            ],
        }
    )
)
