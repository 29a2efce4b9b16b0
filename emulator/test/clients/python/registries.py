import json
import os
import tempfile
import unittest

from azure.ai.ml import dsl, load_component
from azure.ai.ml.entities import (
    CodeConfiguration,
    Data,
    Environment,
    ManagedOnlineDeployment,
    ManagedOnlineEndpoint,
    Model,
    Registry,
    RegistryRegionDetails,
    SystemCreatedAcrAccount,
    SystemCreatedStorageAccount,
)

import lab

COMPONENT = """type: command
name: say
version: "1"
command: echo ${{{{inputs.word}}}}
inputs: {{word: {{type: string}}}}
environment: {environment}
"""
SCORE = """import os, pathlib
def init(): pass
def run(raw): return next(pathlib.Path(os.environ["AZUREML_MODEL_DIR"]).rglob("m.txt")).read_text()
"""
REGIONS = [
    RegistryRegionDetails(
        location="westeurope",
        acr_config=[SystemCreatedAcrAccount(acr_account_sku="premium")],
        storage_config=SystemCreatedStorageAccount(storage_account_hns=False, storage_account_type="standard_lrs"),
    )
]


class Registries(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ml, cls.name = lab.client(), lab.new_name("reg")
        cls.ml.registries.begin_create(
            Registry(name=cls.name, location="westeurope", replication_locations=REGIONS)
        ).result()
        cls.registry = lab.registry_client(cls.name)

    def test_shows_registries(self):
        self.assertEqual(self.ml.registries.get(self.name).location, "westeurope")
        self.assertIn(self.name, [found.name for found in self.ml.registries.list()])

    def test_keeps_models_data_and_environments(self):
        model = self.registry.models.create_or_update(Model(name="m", version="1", path=lab.folder({"m.pkl": "m"})))
        self.assertEqual(model.id, f"azureml://registries/{self.name}/models/m/versions/1")
        self.assertIn("m", [found.name for found in self.registry.models.list()])
        data = Data(name="d", version="1", type="uri_folder", path=lab.folder({"a": "1"}))
        self.assertEqual(self.registry.data.create_or_update(data).name, "d")
        environment = Environment(name="e", version="1", image="python:3")
        self.assertEqual(self.registry.environments.create_or_update(environment).version, "1")

    def test_downloads_a_model_as_it_was_uploaded(self):
        files = {"m.pkl": "weights", "sub/n.txt": "n"}
        self.registry.models.create_or_update(Model(name="down", version="1", path=lab.folder(files)))
        path = tempfile.mkdtemp()
        self.registry.models.download("down", "1", download_path=path)
        self.assertEqual([name.split("/", 2)[2] for name in lab.names_below(path)], ["m.pkl", "sub/n.txt"])

    def test_archives_and_restores(self):
        self.registry.models.create_or_update(Model(name="old", version="1", path=lab.folder({"m": "1"})))
        self.registry.models.archive("old", version="1")
        self.assertEqual(list(self.registry.models.list("old")), [])
        self.registry.models.restore("old", version="1")
        self.assertEqual([model.version for model in self.registry.models.list("old")], ["1"])

    def test_lends_components_and_environments_to_jobs(self):
        environment = Environment(
            name="plain", version="1", image="python:3", conda_file={"dependencies": ["python"]}
        )
        environment = self.registry.environments.create_or_update(environment)
        text = COMPONENT.format(environment=environment.id)
        self.registry.components.create_or_update(load_component(f"{lab.folder({'c.yml': text})}/c.yml"))
        say = self.registry.components.get("say", version="1")

        @dsl.pipeline(default_compute="serverless")
        def once():
            say(word="from the registry")

        made = self.ml.jobs.create_or_update(once())
        lab.printed(lambda: self.ml.jobs.stream(made.name))
        self.assertEqual(self.ml.jobs.get(made.name).status, "Completed")

    def test_lends_a_model_to_an_online_deployment(self):
        self.registry.models.create_or_update(Model(name="lent", version="1", path=lab.folder({"m.txt": "lent"})))
        endpoint = self.ml.online_endpoints.begin_create_or_update(
            ManagedOnlineEndpoint(name=lab.new_name("ep-"))
        ).result()
        self.ml.online_deployments.begin_create_or_update(
            ManagedOnlineDeployment(
                name="blue",
                endpoint_name=endpoint.name,
                model=f"azureml://registries/{self.name}/models/lent/versions/1",
                environment=Environment(image="python:3", conda_file=json.loads(os.environ["LAB_SCORING_CONDA"])),
                code_configuration=CodeConfiguration(code=lab.folder({"score.py": SCORE}), scoring_script="score.py"),
                instance_type="Standard_DS3_v2",
                instance_count=1,
            )
        ).result()
        request = f"{lab.folder({'r.json': '{}'})}/r.json"
        said = self.ml.online_endpoints.invoke(endpoint.name, request_file=request, deployment_name="blue")
        self.assertEqual(json.loads(said), "lent")

    def test_takes_a_model_from_a_workspace(self):
        name = lab.new_name("model")
        self.ml.models.create_or_update(Model(name=name, version="1", path=lab.folder({"m.pkl": "m"})))
        self.ml.models.share(
            name, "1", registry_name=self.name, share_with_name="shared", share_with_version="7"
        )
        self.assertEqual(self.registry.models.get("shared", version="7").version, "7")
