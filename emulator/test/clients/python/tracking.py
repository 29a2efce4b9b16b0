"""MLflow as it is: runs, autologging, models and the registry."""

import os
import tempfile
import unittest

import mlflow
from mlflow.exceptions import MlflowException

import lab


class Tracking(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = mlflow.MlflowClient()
        cls.experiment = lab.new_name("experiment")
        mlflow.set_experiment(cls.experiment)

    def test_runs_with_params_metrics_tags_and_nested_runs(self):
        with mlflow.start_run(run_name="outer", tags={"team": "a"}) as outer:
            mlflow.log_params({"depth": 3, "kind": "tree"})
            for step in range(5):
                mlflow.log_metric("loss", 1 / (step + 1), step=step)
            mlflow.log_metrics({"accuracy": 0.9, "f1": 0.8})
            with mlflow.start_run(run_name="inner", nested=True) as inner:
                mlflow.log_metric("loss", 2)
        run = self.client.get_run(outer.info.run_id)
        self.assertEqual((run.info.status, run.data.params), ("FINISHED", {"depth": "3", "kind": "tree"}))
        self.assertEqual((run.data.metrics["loss"], run.data.metrics["accuracy"]), (0.2, 0.9))
        history = self.client.get_metric_history(outer.info.run_id, "loss")
        self.assertEqual([metric.step for metric in history], [0, 1, 2, 3, 4])
        self.assertEqual(self.client.get_run(inner.info.run_id).data.tags["mlflow.parentRunId"], outer.info.run_id)
        found = mlflow.search_runs(
            experiment_names=[self.experiment],
            filter_string="metrics.accuracy > 0.8 and params.kind = 'tree' and tags.team = 'a'",
            output_format="list",
        )
        self.assertEqual([run.info.run_id for run in found], [outer.info.run_id])
        with self.assertRaises(MlflowException):
            self.client.log_param(outer.info.run_id, "depth", "4")

    def test_artifacts_up_and_down(self):
        with mlflow.start_run() as run:
            mlflow.log_text("hello", "notes/a.txt")
            mlflow.log_dict({"a": 1}, "b.json")
            mlflow.log_artifacts(lab.folder({"x.txt": "x", "sub/y.txt": "y"}), "files")
        listed = [file.path for file in self.client.list_artifacts(run.info.run_id, "files")]
        self.assertEqual(sorted(listed), ["files/sub", "files/x.txt"])
        path = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, dst_path=tempfile.mkdtemp())
        self.assertEqual(lab.names_below(path), ["b.json", "files/sub/y.txt", "files/x.txt", "notes/a.txt"])

    def test_autologs_scikit_learn_and_loads_the_model_by_run_and_by_alias(self):
        from sklearn.datasets import load_iris
        from sklearn.linear_model import LogisticRegression

        features, target = load_iris(return_X_y=True, as_frame=True)
        mlflow.sklearn.autolog(silent=True)
        with mlflow.start_run() as run:
            LogisticRegression(max_iter=500).fit(features, target)
        mlflow.sklearn.autolog(disable=True)
        data = self.client.get_run(run.info.run_id).data
        self.assertEqual(data.params["max_iter"], "500")
        self.assertGreater(data.metrics["training_accuracy_score"], 0.9)
        uri, name = f"runs:/{run.info.run_id}/model", lab.new_name("model")
        self.assertEqual(mlflow.pyfunc.load_model(uri).predict(features[:2]).tolist(), [0, 0])
        version = mlflow.register_model(uri, name)
        self.client.set_registered_model_alias(name, "champion", version.version)
        for address in (f"models:/{name}/{version.version}", f"models:/{name}@champion"):
            self.assertEqual(mlflow.pyfunc.load_model(address).predict(features[:2]).tolist(), [0, 0])
        self.assertEqual(self.client.get_model_version_by_alias(name, "champion").run_id, run.info.run_id)
        # What MLflow registered is a model of the workspace.
        self.assertEqual(lab.client().models.get(name, version="1").type, "mlflow_model")
        self.client.delete_registered_model_alias(name, "champion")

    def test_refuses_what_is_not_there(self):
        with self.assertRaisesRegex(MlflowException, "not found"):
            self.client.get_run("no-such-run")
        with self.assertRaisesRegex(MlflowException, "already exists"):
            mlflow.create_experiment(self.experiment)
