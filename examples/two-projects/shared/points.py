"""Points around a line, and their split; the data of both projects."""

import random


def noisy_line(count, slope, intercept, noise, seed):
    """`count` pairs (x, y), x uniform in [0, 10], y on the line plus normal noise."""
    rng = random.Random(seed)
    xs = [rng.uniform(0, 10) for _ in range(count)]
    return [(x, slope * x + intercept + rng.gauss(0, noise)) for x in xs]


def split(rows, test_share=0.25):
    """(train, test); the last `test_share` of the rows is for the test."""
    cut = round(len(rows) * (1 - test_share))
    return rows[:cut], rows[cut:]
