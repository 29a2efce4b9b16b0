"""Learns from which distance on a parcel is late: the one with which most parcels are told right."""

import argparse
import json
import random
from pathlib import Path

import mlflow

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--parcels", type=int, required=True, help="how many to learn from")
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--model", type=Path, required=True)
args = parser.parse_args()

rng = random.Random(args.seed)
distances = [rng.uniform(0, 1_000) for _ in range(args.parcels)]
parcels = [(km, km + rng.gauss(0, 100) > 600) for km in distances]


def accuracy(limit):
    return sum((km > limit) == late for km, late in parcels) / len(parcels)


limit = max(range(0, 1_001, 10), key=accuracy)
with mlflow.start_run():
    mlflow.log_metrics({"accuracy": accuracy(limit), "parcels": len(parcels)})
args.model.mkdir(parents=True, exist_ok=True)
(args.model / "model.json").write_text(json.dumps({"late_above_km": limit}))
print(f"late above {limit} km, accuracy {accuracy(limit):.3f}")
