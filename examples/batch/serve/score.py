"""Scoring script of a batch deployment: files of parcels in, one row a parcel out."""

import csv
import json
import os
from pathlib import Path

state = {}


def init():
    model = next(Path(os.environ["AZUREML_MODEL_DIR"]).rglob("model.json"))
    state["limit"] = json.loads(model.read_text())["late_above_km"]


def run(mini_batch):
    rows = []
    for path in mini_batch:
        with open(path, newline="") as file:
            for parcel in csv.DictReader(file):
                late = float(parcel["km"]) > state["limit"]
                rows.append(f"{parcel['parcel']},{'late' if late else 'in time'}")
    return rows
