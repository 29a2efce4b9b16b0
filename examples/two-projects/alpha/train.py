"""Fits a line by least squares and logs how much of the variance it explains (r2) on unseen points."""

from statistics import fmean, linear_regression

import mlflow

from shared.points import noisy_line, split


def r2(rows, slope, intercept):
    mean = fmean(y for _, y in rows)
    residual = sum((y - slope * x - intercept) ** 2 for x, y in rows)
    return 1 - residual / sum((y - mean) ** 2 for _, y in rows)


def main():
    train, test = split(noisy_line(400, slope=2.0, intercept=1.0, noise=1.5, seed=1))
    slope, intercept = linear_regression(*zip(*train))
    score = r2(test, slope, intercept)
    with mlflow.start_run():
        mlflow.log_params({"slope": slope, "intercept": intercept})
        mlflow.log_metric("r2", score)
    print(f"r2 {score:.4f}")


if __name__ == "__main__":
    main()
