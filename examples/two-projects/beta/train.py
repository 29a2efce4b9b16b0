"""Learns a threshold that tells high points from low ones by x alone and logs its accuracy on unseen points."""

import mlflow

from shared.points import noisy_line, split

HIGH = 10.0


def accuracy(rows, threshold):
    return sum((x > threshold) == (y > HIGH) for x, y in rows) / len(rows)


def main():
    train, test = split(noisy_line(400, slope=2.0, intercept=0.0, noise=1.5, seed=2))
    threshold = max((x for x, _ in train), key=lambda x: accuracy(train, x))
    score = accuracy(test, threshold)
    with mlflow.start_run():
        mlflow.log_param("threshold", threshold)
        mlflow.log_metric("accuracy", score)
    print(f"accuracy {score:.4f}")


if __name__ == "__main__":
    main()
