import tempfile
import unittest
from pathlib import Path

import paths  # noqa: F401
import pandas as pd
from evaluate import evaluate, write_report
from generate import rows
from prepare import clean, split
from schema import FEATURES, LABEL
from train import build_model


def table(count=1500):
    return pd.DataFrame(rows(count, 5, with_labels=True))


class Prepare(unittest.TestCase):
    def test_drops_incomplete_and_repeated_rows_and_the_identifier(self):
        raw = table(100).astype({"Age": object})
        raw.loc[0, "Age"] = "unknown"
        cleaned = clean(pd.concat([raw, raw.tail(3)]))
        self.assertEqual(list(cleaned.columns), [*FEATURES, LABEL])
        self.assertEqual(len(cleaned), 99 - (raw["BMI"] == "").sum())

    def test_names_the_columns_that_are_missing(self):
        with self.assertRaisesRegex(ValueError, "no column BMI"):
            clean(table(5).drop(columns="BMI"))

    def test_split_shares_no_row_and_keeps_the_balance(self):
        cleaned = clean(table())
        train, test = split(cleaned, 0.3, seed=7)
        self.assertFalse(set(train.index) & set(test.index))
        self.assertEqual(len(train) + len(test), len(cleaned))
        self.assertAlmostEqual(train[LABEL].mean(), test[LABEL].mean(), delta=0.01)


class Train(unittest.TestCase):
    def test_both_kinds_learn(self):
        train, test = split(clean(table()), 0.3, seed=7)
        for kind in ("logistic", "boosted"):
            with self.subTest(kind), tempfile.TemporaryDirectory() as folder:
                model = build_model(kind, 0.1, seed=7).fit(train[FEATURES], train[LABEL])
                chances = model.predict_proba(test[FEATURES])[:, 1]
                self.assertGreater(evaluate(test[FEATURES], test[LABEL], chances)["AUC"], 0.8)
                write_report(test[LABEL], chances, Path(folder))
                names = sorted(file.name for file in Path(folder).iterdir())
                self.assertEqual(
                    names, ["confusion_matrix.json", "confusion_matrix.png", "predictions.csv", "roc.png"]
                )

    def test_leaves_out_a_slice_of_one_class(self):
        test = clean(table()).assign(Diabetic=lambda t: (t["Age"] >= 40).astype(int))
        metrics = evaluate(test[FEATURES], test[LABEL], (test["Age"] / 100).to_numpy())
        self.assertIn("AUC", metrics)
        self.assertNotIn("AUC.age_under_40", metrics)


if __name__ == "__main__":
    unittest.main()
