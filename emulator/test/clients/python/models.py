"""Models as MLflow 3 logs them: over plain http, and by the workspace's own address through azureml-mlflow."""

import tempfile
import unittest

import mlflow
from mlflow.exceptions import MlflowException
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

import lab

FEATURES, TARGET = load_iris(return_X_y=True, as_frame=True)
PLAIN = mlflow.get_tracking_uri()


class Models(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ml = lab.client()
        cls.own = cls.ml.workspaces.get(lab.WORKSPACE).mlflow_tracking_uri

    def use(self, address):
        mlflow.set_tracking_uri(address)
        mlflow.set_registry_uri(address)
        self.client = mlflow.MlflowClient()
        self.experiment = mlflow.set_experiment(lab.new_name("models")).experiment_id

    def logged(self, accuracy=0.9, **kwargs):
        model = LogisticRegression(max_iter=500).fit(FEATURES, TARGET)
        with mlflow.start_run() as run:
            info = mlflow.sklearn.log_model(
                model,
                name="model",
                params={"depth": 3},
                tags={"team": "a"},
                input_example=FEATURES[:2],
                serialization_format="cloudpickle",
                **kwargs,
            )
            mlflow.log_metric("accuracy", accuracy, model_id=info.model_id)
        return run, info

    def loads(self, *addresses):
        for address in addresses:
            self.assertEqual(mlflow.pyfunc.load_model(address).predict(FEATURES[:2]).tolist(), [0, 0], address)

    def logs_finds_and_loads(self, address):
        self.use(address)
        name = lab.new_name("model")
        run, info = self.logged(registered_model_name=name)
        self.logged(accuracy=0.5)
        model = mlflow.get_logged_model(info.model_id)
        self.assertEqual((str(model.status), model.name, model.source_run_id), ("READY", "model", run.info.run_id))
        self.assertEqual((model.params["depth"], model.tags["team"]), ("3", "a"))
        self.assertEqual([(metric.key, metric.value) for metric in model.metrics], [("accuracy", 0.9)])
        found = mlflow.search_logged_models(
            experiment_ids=[self.experiment],
            filter_string="metrics.accuracy > 0.8 AND params.depth = '3' AND tags.team = 'a'",
            output_format="list",
        )
        self.assertEqual([model.model_id for model in found], [info.model_id])
        ordered = mlflow.search_logged_models(
            experiment_ids=[self.experiment],
            order_by=[{"field_name": "metrics.accuracy", "ascending": True}],
            output_format="list",
        )
        self.assertEqual([model.metrics[0].value for model in ordered], [0.5, 0.9])
        self.loads(f"models:/{info.model_id}", info.model_uri, f"runs:/{run.info.run_id}/model", f"models:/{name}/1")
        self.assertIn("model", [file.path for file in self.client.list_artifacts(run.info.run_id)])
        self.assertIn(
            "MLmodel", lab.names_below(mlflow.artifacts.download_artifacts(info.model_uri, dst_path=tempfile.mkdtemp()))
        )
        self.assertEqual(mlflow.models.Model.load(info.model_uri).model_id, info.model_id)

    def tags_and_deletes(self, address):
        self.use(address)
        _, info = self.logged()
        self.client.set_logged_model_tags(info.model_id, {"stage": "test"})
        self.assertEqual(mlflow.get_logged_model(info.model_id).tags["stage"], "test")
        self.client.delete_logged_model_tag(info.model_id, "stage")
        self.assertNotIn("stage", mlflow.get_logged_model(info.model_id).tags)
        self.client.delete_logged_model(info.model_id)
        self.assertEqual(mlflow.search_logged_models([self.experiment], output_format="list"), [])
        with self.assertRaises(MlflowException):
            mlflow.get_logged_model(info.model_id)

    def registers(self, address):
        self.use(address)
        name = lab.new_name("model")
        run, info = self.logged()
        versions = [mlflow.register_model(info.model_uri, name, tags={"n": str(n)}) for n in (1, 2)]
        self.assertEqual([version.version for version in versions], ["1", "2"])
        self.client.set_registered_model_alias(name, "champion", "2")
        self.client.set_model_version_tag(name, "2", "checked", "yes")
        version = self.client.get_model_version_by_alias(name, "champion")
        self.assertEqual((version.version, version.tags, version.run_id), ("2", {"n": "2", "checked": "yes"}, run.info.run_id))
        self.assertEqual(version.aliases, ["champion"])
        found = self.client.search_model_versions(f"name = '{name}' and tags.checked = 'yes'")
        self.assertEqual([version.version for version in found], ["2"])
        self.assertEqual([model.name for model in self.client.search_registered_models(f"name = '{name}'")], [name])
        self.assertEqual(self.client.get_registered_model(name).aliases, {"champion": "2"})
        self.loads(f"models:/{name}@champion", f"models:/{name}/1")
        self.client.update_model_version(name, "1", description="first")
        self.assertEqual(self.client.get_model_version(name, "1").description, "first")
        self.client.delete_model_version_tag(name, "2", "checked")
        self.client.set_registered_model_tag(name, "owner", "me")
        self.assertEqual(self.client.get_registered_model(name).tags["owner"], "me")
        self.assertEqual(self.ml.models.get(name, version="2").type, "mlflow_model")
        self.client.delete_registered_model_alias(name, "champion")
        with self.assertRaises(MlflowException):
            self.client.get_model_version_by_alias(name, "champion")
        self.client.delete_model_version(name, "1")
        self.assertEqual([version.version for version in self.client.search_model_versions(f"name = '{name}'")], ["2"])
        with self.assertRaises(MlflowException):
            mlflow.pyfunc.load_model(f"models:/{name}/1")

    def test_logs_finds_and_loads_over_http(self):
        self.logs_finds_and_loads(PLAIN)

    def test_logs_finds_and_loads_through_the_plugin(self):
        self.logs_finds_and_loads(self.own)

    def test_tags_and_deletes_over_http(self):
        self.tags_and_deletes(PLAIN)

    def test_tags_and_deletes_through_the_plugin(self):
        self.tags_and_deletes(self.own)

    def test_registers_over_http(self):
        self.registers(PLAIN)

    def test_registers_through_the_plugin(self):
        self.registers(self.own)
