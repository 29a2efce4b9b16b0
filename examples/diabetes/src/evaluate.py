"""Numbers and pictures that say how good a binary classifier is."""

import json

import pandas as pd
from matplotlib.figure import Figure
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, log_loss, roc_auc_score, roc_curve

# A model that is good on average may still be poor for those it is meant for.
SLICES = {
    "age_under_40": lambda features: features["Age"] < 40,
    "age_40_and_over": lambda features: features["Age"] >= 40,
    "bmi_under_30": lambda features: features["BMI"] < 30,
    "bmi_30_and_over": lambda features: features["BMI"] >= 30,
}


def evaluate(features, labels, probabilities):
    """Metric name to value. `probabilities` are those of class 1, one a row of `features`."""
    predictions = probabilities >= 0.5
    metrics = {
        "AUC": roc_auc_score(labels, probabilities),
        "accuracy": accuracy_score(labels, predictions),
        "f1": f1_score(labels, predictions, zero_division=0),
        "log_loss": log_loss(labels, probabilities, labels=[0, 1]),
    }
    for name, belongs in SLICES.items():
        rows = belongs(features)
        # AUC is undefined where all patients of a slice are of one class.
        if labels[rows].nunique() == 2:
            metrics[f"AUC.{name}"] = roc_auc_score(labels[rows], probabilities[rows])
    return {name: float(value) for name, value in metrics.items()}


def write_report(labels, probabilities, folder):
    """Writes predictions.csv, from which the report draws its curves, roc.png, confusion_matrix.png and .json."""
    pd.DataFrame({"label": labels, "probability": probabilities}).to_csv(folder / "predictions.csv", index=False)
    matrix = confusion_matrix(labels, probabilities >= 0.5, labels=[0, 1])
    (folder / "confusion_matrix.json").write_text(
        json.dumps({"labels": [0, 1], "rows": "actual", "columns": "predicted", "matrix": matrix.tolist()}, indent=2)
    )
    plot_confusion_matrix(matrix).savefig(folder / "confusion_matrix.png")
    plot_roc(labels, probabilities).savefig(folder / "roc.png")


def plot_roc(labels, probabilities):
    false_positives, true_positives, _ = roc_curve(labels, probabilities)
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    axes.plot(false_positives, true_positives, label=f"AUC {roc_auc_score(labels, probabilities):.3f}")
    axes.plot([0, 1], [0, 1], linestyle="--", color="grey", label="chance")
    axes.set(xlabel="false positive rate", ylabel="true positive rate", title="ROC curve")
    axes.legend(loc="lower right")
    return figure


def plot_confusion_matrix(matrix):
    figure = Figure(figsize=(4, 4), layout="constrained")
    axes = figure.subplots()
    axes.imshow(matrix, cmap="Blues")
    for (row, column), count in [((r, c), matrix[r, c]) for r in (0, 1) for c in (0, 1)]:
        axes.text(column, row, f"{count}", ha="center", va="center", color="white" if count > matrix.max() / 2 else "black")
    names = ["healthy", "diabetic"]
    axes.set(xticks=[0, 1], yticks=[0, 1], xlabel="predicted", ylabel="actual", title="Confusion matrix")
    axes.set_xticklabels(names)
    axes.set_yticklabels(names)
    return figure
