import unittest

from azure.ai.ml.entities import (
    Data,
    Environment,
    Model,
    Registry,
    RegistryRegionDetails,
    SystemCreatedAcrAccount,
    SystemCreatedStorageAccount,
)

import lab

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

    def test_takes_a_model_from_a_workspace(self):
        name = lab.new_name("model")
        self.ml.models.create_or_update(Model(name=name, version="1", path=lab.folder({"m.pkl": "m"})))
        self.ml.models.share(
            name, "1", registry_name=self.name, share_with_name="shared", share_with_version="7"
        )
        self.assertEqual(self.registry.models.get("shared", version="7").version, "7")
