import re
import time
import unittest

from azure.ai.ml import load_job
from azure.ai.ml.constants import TimeZone
from azure.ai.ml.entities import (
    AccountKeyConfiguration,
    AmlCompute,
    AzureBlobDatastore,
    ComputeInstance,
    Data,
    JobSchedule,
    RecurrenceTrigger,
    SasTokenConfiguration,
    Workspace,
)
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

import lab

PIPELINE = """type: pipeline
settings: {default_compute: azureml:cluster}
jobs:
  only: {command: echo hello, environment: {image: "python:3"}}
"""


class Resources(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ml = lab.client()

    def test_workspaces(self):
        name = lab.new_name("ws")
        made = self.ml.workspaces.begin_create(Workspace(name=name, location="westeurope", description="d")).result()
        self.assertEqual((made.name, made.location, made.description), (name, "westeurope", "d"))
        self.assertIn("storageAccounts", made.storage_account)
        self.assertIn(name, [found.name for found in self.ml.workspaces.list()])
        changed = self.ml.workspaces.begin_update(Workspace(name=name, description="new")).result()
        self.assertEqual(changed.description, "new")
        self.assertTrue(self.ml.workspaces.get_keys(name).user_storage_key)
        self.ml.workspaces.begin_sync_keys(name).result()
        self.ml.workspaces.begin_diagnose(name).result()
        self.ml.workspaces.begin_delete(name, delete_dependent_resources=True).result()
        with self.assertRaises(ResourceNotFoundError):
            self.ml.workspaces.get(name)

    def test_clusters(self):
        name = lab.new_name("cl")
        cluster = AmlCompute(name=name, size="Standard_DS3_v2", max_instances=2)
        self.ml.compute.begin_create_or_update(cluster).result()
        cluster.max_instances = 5
        self.assertEqual(self.ml.compute.begin_update(cluster).result().max_instances, 5)
        self.assertEqual(self.ml.compute.get(name).provisioning_state, "Succeeded")
        self.assertEqual(list(self.ml.compute.list_nodes(name)), [])
        self.assertIn("Standard_DS3_v2", [size.name for size in self.ml.compute.list_sizes()])
        self.assertTrue(list(self.ml.compute.list_usage()))
        self.ml.compute.begin_delete(name).result()
        self.assertNotIn(name, [found.name for found in self.ml.compute.list()])

    def test_compute_instances_start_and_stop(self):
        name = lab.new_name("ci")
        self.ml.compute.begin_create_or_update(ComputeInstance(name=name, size="Standard_DS3_v2")).result()
        for act, state in (("stop", "Stopped"), ("start", "Running"), ("restart", "Running")):
            getattr(self.ml.compute, f"begin_{act}")(name).result()
            self.assertEqual(self.ml.compute.get(name).state, state)

    def test_datastores_by_account_key_and_by_sas(self):
        account = self.ml.datastores.get_default().account_name
        for credentials in (AccountKeyConfiguration(account_key="any"), SasTokenConfiguration(sas_token="any")):
            name = lab.new_name("store")
            self.ml.datastores.create_or_update(
                AzureBlobDatastore(
                    name=name, account_name=account, container_name=name.lower(), credentials=credentials
                )
            )
            made = self.ml.data.create_or_update(
                Data(name=name, type="uri_folder", path=lab.folder({"a": "1"}), datastore=name)
            )
            self.assertIn(f"datastores/{name}/paths/", made.path)
            self.assertTrue(self.ml.datastores.get(name, include_secrets=True).credentials)
            self.ml.datastores.delete(name)
        self.assertIn("workspaceartifactstore", [store.name for store in self.ml.datastores.list()])

    def test_schedules_are_kept_switched_and_triggered(self):
        name = lab.new_name("schedule")
        job = load_job(f"{lab.folder({'p.yml': PIPELINE})}/p.yml")
        trigger = RecurrenceTrigger(frequency="day", interval=1, time_zone=TimeZone.UTC)
        self.ml.schedules.begin_create_or_update(JobSchedule(name=name, trigger=trigger, create_job=job)).result()
        self.assertIn(name, [found.name for found in self.ml.schedules.list()])
        # Without a start the first job runs at once, under the name of its time.
        by_the_clock = re.compile(rf"{name}-\d{{8}}T\d{{6}}Z")
        while not any(by_the_clock.fullmatch(job.name) for job in self.ml.jobs.list()):
            time.sleep(0.2)
        started = self.ml.schedules.trigger(name)
        self.assertEqual(self.ml.jobs.get(started.job_name).type, "pipeline")
        self.ml.jobs.begin_cancel(started.job_name).result()
        self.assertFalse(self.ml.schedules.begin_disable(name).result().is_enabled)
        with self.assertRaisesRegex(HttpResponseError, "disabled"):
            self.ml.schedules.trigger(name)
        self.assertTrue(self.ml.schedules.begin_enable(name).result().is_enabled)
        self.ml.schedules.begin_disable(name).result()
        self.ml.schedules.begin_delete(name).result()
        with self.assertRaises(ResourceNotFoundError):
            self.ml.schedules.get(name)

    def test_says_what_is_not_emulated(self):
        with self.assertRaisesRegex(HttpResponseError, "Marketplace models are no part of the emulator"):
            list(self.ml.marketplace_subscriptions.list())
