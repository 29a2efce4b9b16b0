"""Scoring script: `{"km": [distance, ...]}` → for each whether the parcel will be late."""

import json
import os
from pathlib import Path

state = {}


def init():
    model = next(Path(os.environ["AZUREML_MODEL_DIR"]).rglob("model.json"))
    state["limit"] = json.loads(model.read_text())["late_above_km"]


def run(raw_data):
    return [km > state["limit"] for km in json.loads(raw_data)["km"]]
