"""Scoring script: `{"flowers": [[sepal length, sepal width, petal length, petal width], ...]}` in centimetres."""

import json
import os
from pathlib import Path

import joblib

FOREST = "forest.joblib"
state = {}


def init():
    # A registered folder may lie one level below AZUREML_MODEL_DIR, under the folder's own name.
    forest = next(Path(os.environ["AZUREML_MODEL_DIR"]).rglob(FOREST), None)
    if forest is None:
        raise FileNotFoundError(f"No {FOREST} in the registered model under {os.environ['AZUREML_MODEL_DIR']}.")
    state["model"] = joblib.load(forest)
    state["species"] = json.loads((forest.parent / "species.json").read_text())
    state["decimals"] = int(os.environ.get("DECIMALS", "4"))


def run(raw_data):
    flowers = json.loads(raw_data)["flowers"]
    shares = state["model"].predict_proba(flowers)
    return [
        {
            "species": state["species"][row.argmax()],
            "probabilities": {name: round(float(p), state["decimals"]) for name, p in zip(state["species"], row)},
        }
        for row in shares
    ]
