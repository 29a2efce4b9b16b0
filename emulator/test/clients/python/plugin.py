"""MLflow by the workspace's own `azureml://` address, through Microsoft's plug-in azureml-mlflow."""

import pathlib
import tempfile
import unittest

import mlflow
from mlflow.exceptions import MlflowException

import lab


class Plugin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.address = lab.client().workspaces.get(lab.WORKSPACE).mlflow_tracking_uri
        mlflow.set_tracking_uri(cls.address)
        cls.client = mlflow.MlflowClient()
        cls.experiment = lab.new_name("plugin")
        mlflow.set_experiment(cls.experiment)

    def test_the_address_is_the_workspaces(self):
        self.assertRegex(self.address, r"^azureml://127\.0\.0\.1:\d+/mlflow/v[12]\.0/subscriptions/")

    def test_runs_params_metrics_and_search(self):
        with mlflow.start_run(run_name="outer") as outer:
            mlflow.log_param("depth", 3)
            for step in range(3):
                mlflow.log_metric("loss", 1 / (step + 1), step=step)
            with mlflow.start_run(run_name="inner", nested=True) as inner:
                mlflow.log_metric("loss", 2)
        run = self.client.get_run(outer.info.run_id)
        self.assertEqual((run.info.status, run.data.params), ("FINISHED", {"depth": "3"}))
        history = self.client.get_metric_history(outer.info.run_id, "loss")
        self.assertEqual([metric.step for metric in history], [0, 1, 2])
        found = mlflow.search_runs(
            experiment_names=[self.experiment], filter_string="metrics.loss > 1", output_format="list"
        )
        self.assertEqual([run.info.run_id for run in found], [inner.info.run_id])

    def test_artifacts_up_and_down(self):
        with mlflow.start_run() as run:
            mlflow.log_text("hello", "notes/a.txt")
            mlflow.log_artifacts(lab.folder({"x.txt": "x", "sub/y.txt": "y"}), "files")
        listed = [file.path for file in self.client.list_artifacts(run.info.run_id, "files")]
        self.assertEqual(sorted(listed), ["files/sub", "files/x.txt"])
        self.assertRegex(run.info.artifact_uri, f"^azureml://.*/experiments/{self.experiment}/runs/")
        note = self.client.download_artifacts(run.info.run_id, "notes/a.txt", tempfile.mkdtemp())
        self.assertEqual(pathlib.Path(note).read_text(), "hello")
        path = self.client.download_artifacts(run.info.run_id, "files", tempfile.mkdtemp())
        self.assertEqual(lab.names_below(path), ["sub/y.txt", "x.txt"])
        path = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, dst_path=tempfile.mkdtemp())
        self.assertEqual(lab.names_below(path), ["files/sub/y.txt", "files/x.txt", "notes/a.txt"])

    def test_registers_a_model(self):
        name = lab.new_name("model")
        with mlflow.start_run() as run:
            mlflow.log_text("m", "model/MLmodel")
        self.client.create_registered_model(name)
        version = self.client.create_model_version(name, f"runs:/{run.info.run_id}/model", run.info.run_id)
        self.assertEqual(lab.client().models.get(name, version=version.version).name, name)

    def test_refuses_what_is_not_there(self):
        with self.assertRaises(MlflowException):
            self.client.get_run("no-such-run")
