"""Trains a classifier, evaluates it on the test table and logs both with MLflow."""

import argparse
import tempfile
from importlib.metadata import version
from pathlib import Path

import mlflow
import mlflow.sklearn
import pandas as pd
from mlflow.models import infer_signature
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from evaluate import evaluate, write_report
from schema import FEATURES, LABEL

# What serving needs, in the versions that trained the model. Given, not inferred, since inferring takes
# longer than the training. azureml-ai-monitoring: the scoring script of a no-code deployment imports it.
SERVING = ["mlflow-skinny", "scikit-learn", "pandas", "numpy", "azureml-ai-monitoring"]


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, required=True, help="folder with train.csv")
    parser.add_argument("--test", type=Path, required=True, help="folder with test.csv")
    parser.add_argument("--kind", choices=["logistic", "boosted"], default="logistic")
    parser.add_argument("--regularization", type=float, default=0.1, help="strength of the L2 penalty, > 0")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def build_model(kind, regularization, seed):
    """An untrained pipeline. Each branch imports its own estimator, since imports are most of the run time."""
    if kind == "boosted":
        from sklearn.ensemble import HistGradientBoostingClassifier

        return make_pipeline(
            HistGradientBoostingClassifier(
                learning_rate=0.08, max_iter=120, max_leaf_nodes=12, l2_regularization=regularization, random_state=seed
            )
        )
    from sklearn.linear_model import LogisticRegression

    return make_pipeline(StandardScaler(), LogisticRegression(C=1 / regularization, max_iter=1000, random_state=seed))


def log_model(model, example):
    """Logs `model` as the run's artifact `model`, with signature and input example.

    Saved first and logged as files: Azure ML's tracking server does not offer the logged-models
    API that MLflow 3's own `log_model` begins with, and files work with every server.
    """
    with tempfile.TemporaryDirectory() as folder:
        mlflow.sklearn.save_model(
            model,
            folder,
            serialization_format="cloudpickle",
            # Endpoints answer both classes' probabilities: a bare label would hide how sure the model is.
            pyfunc_predict_fn="predict_proba",
            signature=infer_signature(example, model.predict_proba(example)),
            input_example=example,
            pip_requirements=[f"{name}=={version(name)}" for name in SERVING],
        )
        mlflow.log_artifacts(folder, "model")


def main():
    args = parse_args()
    train = pd.read_csv(args.train / "train.csv").astype(dict.fromkeys(FEATURES, "float64"))
    test = pd.read_csv(args.test / "test.csv").astype(dict.fromkeys(FEATURES, "float64"))

    model = build_model(args.kind, args.regularization, args.seed)
    model.fit(train[FEATURES], train[LABEL])
    probabilities = model.predict_proba(test[FEATURES])[:, 1]
    metrics = evaluate(test[FEATURES], test[LABEL], probabilities)

    with mlflow.start_run():
        mlflow.log_params({"kind": args.kind, "regularization": args.regularization, "seed": args.seed})
        mlflow.log_metrics({**metrics, "rows.train": len(train), "rows.test": len(test)})
        with tempfile.TemporaryDirectory() as folder:
            write_report(test[LABEL], probabilities, Path(folder))
            mlflow.log_artifacts(folder, "evaluation")
        log_model(model, train[FEATURES].head(3))

    for name, value in metrics.items():
        print(f"{name} {value:.4f}")


if __name__ == "__main__":
    main()
