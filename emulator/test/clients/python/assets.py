import tempfile
import unittest

from azure.ai.ml import load_component
from azure.ai.ml.entities import Data, Environment, Model
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

import lab

COMPONENT = """type: command
name: {name}
version: "{version}"
command: echo ${{{{inputs.text}}}}
inputs: {{text: {{type: string}}}}
environment: azureml:{environment}:1
"""


class Assets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ml = lab.client()

    def test_data_gets_versions_by_itself_and_is_found_by_label(self):
        name = lab.new_name("data")
        for text in ("1", "2"):
            self.ml.data.create_or_update(Data(name=name, type="uri_folder", path=lab.folder({"a.csv": text})))
        self.assertEqual(sorted(data.version for data in self.ml.data.list(name)), ["1", "2"])
        self.assertEqual(self.ml.data.get(name, label="latest").version, "2")
        self.assertIn(name, [data.name for data in self.ml.data.list()])
        self.assertTrue(self.ml.data.get(name, version="1").path.startswith("azureml://"))

    def test_a_file_is_uploaded_once(self):
        path = f"{lab.folder({'one.csv': '1'})}/one.csv"
        first = self.ml.data.create_or_update(Data(name=lab.new_name("file"), type="uri_file", path=path))
        second = self.ml.data.create_or_update(Data(name=lab.new_name("file"), type="uri_file", path=path))
        self.assertEqual(first.path, second.path)

    def test_archives_and_restores_versions_and_containers(self):
        name = lab.new_name("model")
        self.ml.models.create_or_update(Model(name=name, path=lab.folder({"m.pkl": "m"})))
        self.ml.models.archive(name, version="1")
        self.assertEqual(list(self.ml.models.list(name)), [])
        self.ml.models.restore(name, version="1")
        self.assertEqual([model.version for model in self.ml.models.list(name)], ["1"])
        self.ml.models.archive(name)
        self.assertNotIn(name, [model.name for model in self.ml.models.list()])
        self.ml.models.restore(name)

    def test_a_model_comes_back_as_it_went(self):
        name = lab.new_name("model")
        made = self.ml.models.create_or_update(
            Model(name=name, path=lab.folder({"m.pkl": "weights", "sub/n.txt": "n"}), tags={"a": "b"})
        )
        self.assertEqual((made.version, made.tags), ("1", {"a": "b"}))
        path = tempfile.mkdtemp()
        self.ml.models.download(name, "1", download_path=path)
        self.assertEqual([name.split("/", 2)[2] for name in lab.names_below(path)], ["m.pkl", "sub/n.txt"])

    def test_environments(self):
        name = lab.new_name("env")
        versions = [
            self.ml.environments.create_or_update(
                Environment(name=name, image=image, conda_file={"dependencies": ["python"]})
            ).version
            for image in ("python:3", "python:3", "python:3.12")
        ]
        self.assertEqual(versions, ["1", "1", "2"])
        self.assertEqual(self.ml.environments.get(name, label="latest").version, "2")
        self.ml.environments.archive(name, version="1")
        self.assertEqual([found.version for found in self.ml.environments.list(name)], ["2"])

    def test_components(self):
        environment, name = lab.new_name("env"), lab.new_name("component")
        self.ml.environments.create_or_update(Environment(name=environment, version="1", image="python:3"))
        for version in ("1", "2"):
            text = COMPONENT.format(name=name, version=version, environment=environment)
            self.ml.components.create_or_update(load_component(f"{lab.folder({'c.yml': text})}/c.yml"))
        self.assertEqual(self.ml.components.get(name, label="latest").version, "2")
        self.assertEqual(list(self.ml.components.get(name, version="1").inputs), ["text"])
        self.assertIn(name, [component.name for component in self.ml.components.list()])

    def test_refuses_a_changed_path_and_what_is_not_there(self):
        name = lab.new_name("model")
        self.ml.models.create_or_update(Model(name=name, version="1", path=lab.folder({"m": "1"})))
        with self.assertRaisesRegex(Exception, "(?s)cannot be (updated|changed)|already"):
            self.ml.models.create_or_update(Model(name=name, version="1", path=lab.folder({"m": "2"})))
        with self.assertRaises(ResourceNotFoundError):
            self.ml.models.get(name, version="9")
        with self.assertRaisesRegex((HttpResponseError, ResourceNotFoundError), "(?i)not found|could not find"):
            self.ml.data.create_or_update(
                Data(name=lab.new_name("d"), type="uri_folder", path=lab.folder({"a": "1"}), datastore="none")
            )
