import unittest
from statistics import fmean

import paths  # noqa: F401
from generate import FEATURES, RANGES, rows


class Generate(unittest.TestCase):
    def test_same_seed_same_patients(self):
        self.assertEqual(list(rows(50, 3, with_labels=True)), list(rows(50, 3, with_labels=True)))
        self.assertNotEqual(list(rows(50, 3)), list(rows(50, 4)))

    def test_measurements_stay_in_range_under_every_shift(self):
        for row in rows(500, 1, "all"):
            for name in FEATURES:
                low, high = RANGES[name]
                self.assertTrue(low <= row[name] <= high, f"{name} is {row[name]}")

    def test_a_shift_moves_its_feature_and_no_other(self):
        plain, older = list(rows(500, 1)), list(rows(500, 1, "age"))
        self.assertGreater(fmean(r["Age"] for r in older), fmean(r["Age"] for r in plain) + 10)
        without_age = [{k: v for k, v in r.items() if k != "Age"} for r in older]
        self.assertEqual([{k: v for k, v in r.items() if k != "Age"} for r in plain], without_age)

    def test_only_labelled_tables_have_labels_and_gaps(self):
        labelled, requests = list(rows(4000, 1, with_labels=True)), list(rows(4000, 1))
        self.assertEqual({r["Diabetic"] for r in labelled}, {0, 1})
        self.assertTrue(0 < sum(r["BMI"] == "" for r in labelled) < 40)
        self.assertFalse(any("Diabetic" in r or r["BMI"] == "" for r in requests))


if __name__ == "__main__":
    unittest.main()
