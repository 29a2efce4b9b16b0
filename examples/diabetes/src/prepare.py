"""Cleans the raw patient table and splits it into a training and a test table."""

import argparse
from pathlib import Path

import pandas as pd

from schema import FEATURES, LABEL


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", type=Path, required=True, help="CSV file, one row a patient")
    parser.add_argument("--train", type=Path, required=True, help="folder for train.csv")
    parser.add_argument("--test", type=Path, required=True, help="folder for test.csv")
    parser.add_argument("--test-share", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def clean(raw):
    """Feature columns (float) and label (0 or 1) of every complete row of `raw`.

    Everything else goes, PatientID among it: an identifier must not become a feature.
    Raises ValueError when columns are missing or no row is left.
    """
    missing = [name for name in [*FEATURES, LABEL] if name not in raw.columns]
    if missing:
        raise ValueError(f"The raw table has no column {', '.join(missing)}; it has {', '.join(raw.columns)}.")
    table = raw.drop_duplicates()[[*FEATURES, LABEL]].apply(pd.to_numeric, errors="coerce").dropna()
    table = table[table[LABEL].isin([0, 1])]
    if table.empty:
        raise ValueError(f"None of the {len(raw)} rows is complete.")
    return table.astype({**dict.fromkeys(FEATURES, "float64"), LABEL: "int64"})


def split(table, test_share, seed):
    """(train, test), both with the same share of diabetics as `table`."""
    test = table.groupby(LABEL).sample(frac=test_share, random_state=seed)
    train = table.drop(test.index).sample(frac=1, random_state=seed)
    return train, test.sort_index()


def write(table, folder, name):
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / name, index=False)


def main():
    args = parse_args()
    raw = pd.read_csv(args.raw)
    table = clean(raw)
    train, test = split(table, args.test_share, args.seed)
    write(train, args.train, "train.csv")
    write(test, args.test, "test.csv")
    print(f"{len(raw)} rows read, {len(raw) - len(table)} dropped, {len(train)} for training, {len(test)} for the test")
    print(f"{table[LABEL].mean():.1%} of the patients are diabetic")


if __name__ == "__main__":
    main()
