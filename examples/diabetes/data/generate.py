"""Makes a patient table like those of the diabetes studies. Same seed, same table. Needs nothing but Python.

    python data/generate.py --rows 5000 --seed 1 --with-labels --out data/raw.csv
    python data/generate.py --rows 200 --seed 2 --shift age --out data/older.csv

A shift moves the patients, not the disease: the label follows from the measurements in the same way.
"""

import argparse
import csv
import math
import random

FEATURES = (
    "Pregnancies",
    "PlasmaGlucose",
    "DiastolicBloodPressure",
    "TricepsThickness",
    "SerumInsulin",
    "BMI",
    "DiabetesPedigree",
    "Age",
)
SHIFTS = {"none": (), "age": ("Age",), "bmi": ("BMI",), "all": FEATURES}
# (factor, added) of a shifted measurement: each moves by more than half of its standard deviation.
MOVES = {
    "Pregnancies": (1.3, 2),
    "PlasmaGlucose": (1.0, 24),
    "DiastolicBloodPressure": (1.0, 12),
    "TricepsThickness": (1.0, 10),
    "SerumInsulin": (1.4, 50),
    "BMI": (1.0, 7),
    "DiabetesPedigree": (1.3, 0.2),
    "Age": (1.0, 14),
}
RANGES = {
    "Pregnancies": (0, 17),
    "PlasmaGlucose": (44, 199),
    "DiastolicBloodPressure": (24, 122),
    "TricepsThickness": (7, 92),
    "SerumInsulin": (14, 846),
    "BMI": (18, 67),
    "DiabetesPedigree": (0.078, 2.42),
    "Age": (21, 90),
}
DECIMALS = {"BMI": 4, "DiabetesPedigree": 4}
BLANK_BMI = 0.003


def patient(rng):
    """One patient's measurements before rounding; correlated where nature is: age and pregnancies, BMI and skin fold."""
    age = 21 + rng.expovariate(1 / 10)
    bmi = rng.gauss(32, 8)
    return {
        "Pregnancies": rng.expovariate(1 / 3) * (0.7 + (age - 21) / 40),
        "PlasmaGlucose": rng.gauss(108, 31),
        "DiastolicBloodPressure": rng.gauss(71, 16),
        "TricepsThickness": 28 + (bmi - 32) * 0.7 + rng.gauss(0, 11),
        "SerumInsulin": rng.lognormvariate(4.55, 0.85),
        "BMI": bmi,
        "DiabetesPedigree": rng.lognormvariate(-1.15, 0.65),
        "Age": age,
    }


def measured(name, value):
    """`value` as an instrument would report it: within its range, rounded."""
    low, high = RANGES[name]
    bounded = min(max(value, low), high)
    return round(bounded, DECIMALS[name]) if name in DECIMALS else round(bounded)


def probability(p):
    """Chance in [0, 1] that the patient `p` is diabetic. Not linear: youth protects unless the weight is high."""
    score = (
        -2.9
        + 0.18 * p["Pregnancies"]
        + 0.021 * (p["PlasmaGlucose"] - 108)
        + 0.008 * (p["DiastolicBloodPressure"] - 71)
        + 0.010 * (p["TricepsThickness"] - 28)
        + 0.85 * math.log(p["SerumInsulin"] / 95)
        + 0.05 * (p["BMI"] - 32)
        + 1.0 * (p["DiabetesPedigree"] - 0.39)
        + 0.03 * (p["Age"] - 31)
        + (3.0 if p["Age"] > 30 and p["BMI"] > 30 else 0.0)
        + (2.0 if p["PlasmaGlucose"] > 125 and p["SerumInsulin"] < 90 else 0.0)
    )
    return 1 / (1 + math.exp(-score))


def rows(count, seed, shift="none", with_labels=False):
    """Yields `count` rows as dicts. The same seed gives the same patients under every shift."""
    rng = random.Random(seed)
    for _ in range(count):
        identifier = rng.randrange(1_000_000, 2_000_000)
        values = patient(rng)
        chance, blank = rng.random(), rng.random()
        for name in SHIFTS[shift]:
            factor, added = MOVES[name]
            values[name] = values[name] * factor + added
        row = {name: measured(name, values[name]) for name in FEATURES}
        labels = {"Diabetic": int(chance < probability(row))} if with_labels else {}
        # Records of the past have gaps; whoever asks for a prediction fills in every field.
        if with_labels and blank < BLANK_BMI:
            row["BMI"] = ""
        yield {"PatientID": identifier, **row, **labels}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shift", choices=list(SHIFTS), default="none")
    parser.add_argument("--with-labels", action="store_true", help="add the column Diabetic")
    parser.add_argument("--out", required=True, metavar="FILE", help="CSV file to write")
    args = parser.parse_args()
    if args.rows < 1:
        parser.error("--rows must be at least 1")
    header = ["PatientID", *FEATURES, *(["Diabetic"] if args.with_labels else [])]
    with open(args.out, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows(args.rows, args.seed, args.shift, args.with_labels))
    print(f"{args.rows} patients written to {args.out}")


if __name__ == "__main__":
    main()
