/**
 * Loads an MLflow model with nothing but what it asks for itself, scores the sample that it was logged with, and
 * writes what it found. MLflow's own way to ask the same: `mlflow models predict --env-manager`. Runs with MLflow 1.20
 * and newer, with `mlflow-skinny` too; any failure is the job's.
 */
export const checkScript = `"""Loads a model in the environment that it names, and scores its sample."""

import argparse
import json
import platform
from importlib.metadata import distributions
from pathlib import Path

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--model", required=True)
parser.add_argument("--report", type=Path, required=True)
args = parser.parse_args()


def rows_of(value):
    try:
        return len(value)
    except TypeError:
        return None


import mlflow.pyfunc  # noqa: E402  what is missing here is missing from the model's environment
from mlflow.models import Model  # noqa: E402

logged = Model.load(args.model)
print(f"loading the model with MLflow {mlflow.__version__}, Python {platform.python_version()}", flush=True)
model = mlflow.pyfunc.load_model(args.model)
print("loaded", flush=True)

sample = logged.load_input_example(args.model)
found = {"sample": sample is not None, "signature": logged.signature is not None}
if sample is not None:
    answer = model.predict(sample)
    found["rows"], found["answers"] = rows_of(sample), rows_of(answer)
    if answer is None or found["answers"] == 0:
        raise SystemExit("the model answers its own sample with nothing")
    print(f"the sample of {found['rows']} rows is answered by {type(answer).__name__}: {str(answer)[:400]}", flush=True)

found["python"] = platform.python_version()
found["packages"] = sorted({f"{one.metadata['Name']}=={one.version}" for one in distributions()}, key=str.lower)
args.report.mkdir(parents=True, exist_ok=True)
(args.report / "check.json").write_text(json.dumps(found))
`;
