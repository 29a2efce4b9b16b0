"""Trains a random forest that tells three species of iris apart by the size of their leaves."""

import argparse
import json
from pathlib import Path

import joblib
import mlflow
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trees", type=int, default=60)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--model", type=Path, required=True, help="folder for the trained model")
    args = parser.parse_args()

    iris = load_iris()
    train_x, test_x, train_y, test_y = train_test_split(
        iris.data, iris.target, test_size=0.3, stratify=iris.target, random_state=args.seed
    )
    model = RandomForestClassifier(n_estimators=args.trees, random_state=args.seed).fit(train_x, train_y)
    predicted = model.predict(test_x)
    metrics = {"accuracy": accuracy_score(test_y, predicted), "f1_macro": f1_score(test_y, predicted, average="macro")}

    with mlflow.start_run():
        mlflow.log_params({"trees": args.trees, "seed": args.seed})
        mlflow.log_metrics(metrics)

    args.model.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, args.model / "forest.joblib")
    (args.model / "species.json").write_text(json.dumps(iris.target_names.tolist()))
    print(metrics)


if __name__ == "__main__":
    main()
