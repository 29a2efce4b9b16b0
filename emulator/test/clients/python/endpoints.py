import json
import os
import unittest

from azure.ai.ml import Input
from azure.ai.ml.entities import (
    BatchEndpoint,
    CodeConfiguration,
    Environment,
    ManagedOnlineDeployment,
    ManagedOnlineEndpoint,
    Model,
    ModelBatchDeployment,
    ModelBatchDeploymentSettings,
)
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

import requests

import lab

SCORE = """import json, os
def init():
    print("model at", os.listdir(os.environ["AZUREML_MODEL_DIR"]))
def run(raw):
    return {"colour": os.environ["COLOUR"], "data": json.loads(raw)["data"]}
"""


class Online(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ml = lab.client()

    def endpoint(self, auth_mode="key"):
        endpoint = ManagedOnlineEndpoint(name=lab.new_name("ep-"), auth_mode=auth_mode, tags={"a": "b"})
        return self.ml.online_endpoints.begin_create_or_update(endpoint).result()

    def deployment(self, endpoint, name, **kwargs):
        return ManagedOnlineDeployment(
            name=name,
            endpoint_name=endpoint,
            model=Model(path=lab.folder({"m.pkl": "weights"})),
            environment=Environment(image="python:3", conda_file=json.loads(os.environ["LAB_SCORING_CONDA"])),
            code_configuration=CodeConfiguration(code=lab.folder({"score.py": SCORE}), scoring_script="score.py"),
            environment_variables={"COLOUR": name},
            instance_type="Standard_DS3_v2",
            instance_count=1,
            **kwargs,
        )

    def test_deploys_scores_shows_logs_and_removes(self):
        endpoint = self.endpoint()
        request = f"{lab.folder({'request.json': json.dumps({'data': [1]})})}/request.json"
        self.ml.online_deployments.begin_create_or_update(self.deployment(endpoint.name, "blue")).result()
        endpoint.traffic = {"blue": 100}
        self.assertEqual(
            self.ml.online_endpoints.begin_create_or_update(endpoint).result().traffic, {"blue": 100}
        )
        invoked = self.ml.online_endpoints.invoke(endpoint.name, request_file=request)
        self.assertEqual(json.loads(invoked), {"colour": "blue", "data": [1]})
        self.assertIn(
            '"blue"', self.ml.online_endpoints.invoke(endpoint.name, request_file=request, deployment_name="blue")
        )
        self.assertIn("model at ['m.pkl']".replace("m.pkl", "folder"), self.ml.online_deployments.get_logs("blue", endpoint.name, 100))
        self.refuses_an_old_key(endpoint, invoked)
        self.assertEqual([found.name for found in self.ml.online_deployments.list(endpoint.name)], ["blue"])
        with self.assertRaisesRegex(HttpResponseError, "traffic"):
            self.ml.online_deployments.begin_delete("blue", endpoint.name).result()
        endpoint.traffic = {"blue": 0}
        self.ml.online_endpoints.begin_create_or_update(endpoint).result()
        self.ml.online_deployments.begin_delete("blue", endpoint.name).result()
        self.ml.online_endpoints.begin_delete(endpoint.name).result()
        with self.assertRaises(ResourceNotFoundError):
            self.ml.online_endpoints.get(endpoint.name)

    def refuses_an_old_key(self, endpoint, answer):
        def score(key):
            headers = {"Authorization": f"Bearer {key}"}
            return requests.post(endpoint.scoring_uri, json={"data": [1]}, headers=headers, timeout=60)

        before = self.ml.online_endpoints.get_keys(endpoint.name).primary_key
        self.assertEqual(score(before).json(), json.loads(answer))
        self.ml.online_endpoints.begin_regenerate_keys(endpoint.name, key_type="primary").result()
        self.assertEqual(score(before).status_code, 401)
        self.assertEqual(score(self.ml.online_endpoints.get_keys(endpoint.name).primary_key).status_code, 200)

    def test_keys_and_tokens(self):
        keyed = self.endpoint()
        before = self.ml.online_endpoints.get_keys(keyed.name)
        self.ml.online_endpoints.begin_regenerate_keys(keyed.name, key_type="primary").result()
        after = self.ml.online_endpoints.get_keys(keyed.name)
        self.assertNotEqual(before.primary_key, after.primary_key)
        self.assertEqual(before.secondary_key, after.secondary_key)
        for mode in ("aml_token", "aad_token"):
            self.assertTrue(self.ml.online_endpoints.get_keys(self.endpoint(mode).name).access_token)
        self.assertIn(keyed.name, [found.name for found in self.ml.online_endpoints.list()])

    def test_refuses_a_bad_name_and_bad_traffic(self):
        endpoint = self.endpoint()
        endpoint.traffic = {"green": 100}
        with self.assertRaisesRegex(Exception, "green"):
            self.ml.online_endpoints.begin_create_or_update(endpoint).result()


class Batch(unittest.TestCase):
    def test_batch_endpoints_and_their_deployments(self):
        ml, name = lab.client(), lab.new_name("batch-")
        model = ml.models.create_or_update(Model(name=lab.new_name("model"), path=lab.folder({"m": "1"})))
        endpoint = ml.batch_endpoints.begin_create_or_update(BatchEndpoint(name=name)).result()
        deployment = ModelBatchDeployment(
            name="first",
            endpoint_name=name,
            model=model,
            environment=lab.plain_environment(),
            code_configuration=CodeConfiguration(
                code=lab.folder({"score.py": "def init(): pass\ndef run(batch): return list(batch)\n"}),
                scoring_script="score.py",
            ),
            compute="batch-cluster",
            settings=ModelBatchDeploymentSettings(mini_batch_size=2),
        )
        with self.assertRaisesRegex(Exception, "batch-cluster"):
            ml.batch_deployments.begin_create_or_update(deployment).result()
        deployment.compute = "cluster"
        ml.batch_deployments.begin_create_or_update(deployment).result()
        endpoint = ml.batch_endpoints.get(name)
        endpoint.defaults = {"deployment_name": "first"}
        self.assertEqual(ml.batch_endpoints.begin_create_or_update(endpoint).result().defaults.deployment_name, "first")
        self.assertEqual([found.name for found in ml.batch_deployments.list(name)], ["first"])
        self.assertEqual(list(ml.batch_endpoints.list_jobs(name)), [])
        rows = Input(type="uri_folder", path=lab.folder({"a.csv": "1", "b.csv": "2", "c.csv": "3"}))
        job = ml.batch_endpoints.invoke(endpoint_name=name, input=rows)
        lab.printed(lambda: ml.jobs.stream(job.name))
        self.assertEqual(ml.jobs.get(job.name).status, "Completed")
        self.assertEqual([found.name for found in ml.batch_endpoints.list_jobs(name)], [job.name])
        ml.batch_deployments.begin_delete("first", name).result()
        ml.batch_endpoints.begin_delete(name).result()
        self.assertNotIn(name, [found.name for found in ml.batch_endpoints.list()])
