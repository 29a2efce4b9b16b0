"""Writes what SciPy's paired bootstrap answers: `python bootstrap.py > bootstrap.json` (SciPy 1.15 or newer)."""

import json

import numpy as np
from scipy import stats

random = np.random.default_rng(7)
RESAMPLES = 9999


def auc(labels, scores):
    positives = labels == 1
    ranks = stats.rankdata(scores)
    p, n = positives.sum(), (~positives).sum()
    return (ranks[positives].sum() - p * (p + 1) / 2) / (p * n) if p and n else np.nan


def f1(labels, scores):
    told = scores >= 0.5
    hits = (told & (labels == 1)).sum()
    return 2 * hits / (told.sum() + (labels == 1).sum())


METRICS = {
    "AUC": auc,
    "accuracy": lambda labels, scores: ((scores >= 0.5) == (labels == 1)).mean(),
    "f1": f1,
    "log_loss": lambda labels, scores: -np.log(np.where(labels == 1, scores, 1 - scores)).mean(),
    "brier": lambda labels, scores: ((scores - labels) ** 2).mean(),
}


def case(metric, goal, rows, better):
    labels = (random.random(rows) < 0.35).astype(float)
    hard = random.normal(0, 1, rows)
    model = lambda skill: np.round(1 / (1 + np.exp(-(skill * (labels - 0.5) + hard + random.normal(0, 0.5, rows)))), 3)
    champion, challenger = np.clip(model(2.0), 0.001, 0.999), np.clip(model(2.0 + better), 0.001, 0.999)
    sign = 1 if goal == "maximize" else -1
    gain = lambda y, a, b: sign * (METRICS[metric](y, b) - METRICS[metric](y, a))
    result = stats.bootstrap(
        (labels, champion, challenger),
        gain,
        paired=True,
        vectorized=False,
        n_resamples=RESAMPLES,
        confidence_level=0.95,
        method="percentile",
        random_state=np.random.default_rng(11),
    )
    interval = result.confidence_interval
    return {
        "metric": metric,
        "goal": goal,
        "labels": labels.astype(int).tolist(),
        "champion": champion.tolist(),
        "challenger": challenger.tolist(),
        "gain": gain(labels, champion, challenger),
        "low": interval.low,
        "high": interval.high,
    }


print(
    json.dumps(
        {
            "resamples": RESAMPLES,
            "cases": [
                case("AUC", "maximize", 400, 0.6),
                case("AUC", "maximize", 150, 0.0),
                case("accuracy", "maximize", 500, 0.8),
                case("f1", "maximize", 400, -0.5),
                case("log_loss", "minimize", 300, 0.4),
                case("brier", "minimize", 600, 0.2),
            ],
        }
    )
)
