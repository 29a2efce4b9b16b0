import sys
from pathlib import Path

import mlflow
import pandas as pd
from sklearn.linear_model import LogisticRegression

data = pd.read_csv(Path(sys.argv[1]) / "rows.csv")
X, y = data[["a", "b"]], data["y"]
with mlflow.start_run():
    model = LogisticRegression(C=float(sys.argv[2])).fit(X, y)
    mlflow.log_metric("accuracy", 0.0)
    mlflow.log_metric("accuracy", model.score(X, y))
    mlflow.sklearn.save_model(model, "saved", serialization_format="cloudpickle")
    mlflow.log_artifacts("saved", "model")
print("trained on", len(data), "rows")
