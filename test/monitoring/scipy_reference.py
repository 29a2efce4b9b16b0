"""Writes generated samples and what NumPy and SciPy say of them: `python scipy_reference.py FOLDER`."""

import json
import math
import pathlib
import sys

import numpy as np
from scipy import stats
from scipy.spatial import distance

random = np.random.default_rng(7)
normal = random.normal
PAIRS = {
    "normal": (normal(30, 8, 3000), normal(31, 9, 2000)),
    "same": (normal(0, 1, 5000), normal(0, 1, 5000)),
    "large": (normal(0, 1, 30000), normal(0.02, 1, 20000)),
    "lognormal": (random.lognormal(3, 1.5, 20000), random.lognormal(3.02, 1.5, 15000)),
    "whole": (random.poisson(6, 4000).astype(float), random.poisson(7, 3000).astype(float)),
    "rounded": (np.round(normal(70, 15, 9000), 1), np.round(normal(70, 15, 9000), 1)),
    "spike": (np.r_[np.zeros(2000), normal(5, 2, 3000)], np.r_[np.zeros(1500), normal(5, 2, 4000)]),
    "outlier": (np.r_[normal(0, 1, 4000), 1e9], normal(0.1, 1, 4000)),
    "two scales": (np.r_[normal(0, 1e-6, 4000), normal(0, 1e6, 9)], normal(2e-7, 1e-6, 4000)),
    "far off": (1e6 + normal(0, 1e-2, 2000), 1e6 + normal(1e-3, 1e-2, 2000)),
    "apart": (random.uniform(0, 1, 500), random.uniform(2, 3, 700)),
    "few": (np.array([1.0, 2.0, 4.0]), np.array([2.0, 2.5])),
    "constant": (np.full(50, 3.0), np.full(70, 3.0)),
}
CATEGORIES = {
    "clinics": (random.choice(list("abcd"), 3000, p=[0.4, 0.3, 0.2, 0.1]), random.choice(list("abcd"), 2000)),
    "unseen": (random.choice(list("ab"), 300), random.choice(list("abz"), 200)),
    "equal shares": (np.array(list("aabb") * 40), np.array(list("ab") * 30)),
}


def azure_edges(baseline, current):
    """Azure/azureml-assets, `histogram_utils.py`; values on an edge belong to its right whatever rounding does."""
    low, high = min(baseline.min(), current.min()), max(baseline.max(), current.max())
    if low == high:
        return np.array([low * 0.995, low * 1.005])
    bins = math.ceil(math.log2(min(len(baseline), len(current))) + 1)
    edges = low + np.arange(bins + 1) * (high - low) / bins
    edges[1:-1] -= (high - low) / bins * 1e-10
    edges[-1] = high
    return edges


def psi(p, q):
    p, q = (p + 1) / (p.sum() + len(p)), (q + 1) / (q.sum() + len(q))
    return float(((q - p) * np.log(q / p)).sum())


def numerical(baseline, current):
    edges = azure_edges(baseline, current)
    p, q = np.histogram(baseline, edges)[0], np.histogram(current, edges)[0]
    test = stats.ks_2samp(baseline, current)
    deviation = float(baseline.std(ddof=1))
    return {
        "NormalizedWassersteinDistance": float(stats.wasserstein_distance(baseline, current)) / max(deviation, 0.001),
        "JensenShannonDistance": float(distance.jensenshannon(p / p.sum(), q / q.sum(), base=2)),
        "PopulationStabilityIndex": psi(p, q),
        "TwoSampleKolmogorovSmirnovTest": float(test.pvalue),
        "gap": float(test.statistic),
        "sd": deviation,
        "exactP": max(len(baseline), len(current)) <= 10000,
    }


def categorical(baseline, current):
    labels = sorted(set(baseline) | set(current))
    p = np.array([(baseline == label).sum() for label in labels])
    q = np.array([(current == label).sum() for label in labels])
    with np.errstate(divide="ignore"):
        chi = stats.chisquare(q, p / p.sum() * q.sum())
    return {
        "JensenShannonDistance": float(distance.jensenshannon(p / p.sum(), q / q.sum(), base=2)),
        "PopulationStabilityIndex": psi(p, q),
        "PearsonsChiSquaredTest": float(chi.pvalue),
    }


folder = pathlib.Path(sys.argv[1])
expected = {}
for kind, pairs, compute in (("numerical", PAIRS, numerical), ("categorical", CATEGORIES, categorical)):
    for name, sides in pairs.items():
        for side, values in zip(("baseline", "current"), sides):
            lines = "\n".join(repr(v.item()) if kind == "numerical" else str(v) for v in values)
            (folder / f"{name}.{side}.csv").write_text(f"value\n{lines}\n")
        expected[name] = {"kind": kind, **compute(*sides)}
print(json.dumps(expected))
