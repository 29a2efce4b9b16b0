"""A table of what becomes of every operation of the client: it works, or is refused with a sentence.

Both versions of the client run it at once, so what they upload differs: equal files would go to the same blob.
"""

import inspect
import tempfile
import unittest

from azure.ai.ml import Input, MLClient, load_component, load_job
from azure.ai.ml.entities import (
    AmlCompute,
    AzureBlobDatastore,
    BatchEndpoint,
    ComputeInstance,
    CronTrigger,
    Data,
    Environment,
    FeatureSet,
    FeatureSetSpecification,
    FeatureStore,
    FeatureStoreEntity,
    FqdnDestination,
    Index,
    JobSchedule,
    ManagedOnlineEndpoint,
    MarketplaceSubscription,
    AzureMLOnlineInferencingServer,
    KubernetesCompute,
    Model,
    ModelPackage,
    Registry,
    ServerlessEndpoint,
    Workspace,
)
from azure.core.polling import LROPoller
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.ai.ml.entities._workspace.connections.connection_subtypes import APIKeyConnection

import lab
from registries import REGIONS

COMPONENT = """type: command
name: {name}
version: "1"
command: ls ${{{{inputs.text}}}}
code: {code}
inputs: {{text: {{type: string}}}}
environment: azureml:{environment}:1
"""
ATTACHED = (
    f"/subscriptions/{lab.SUBSCRIPTION}/resourceGroups/{lab.GROUP}"
    "/providers/Microsoft.ContainerService/managedClusters/k"
)
SPECIFICATION = """source: {type: parquet, path: a, timestamp_column: {name: t}}
features: [{name: f, type: string}]
index_columns: [{name: i, type: string}]
"""
PIPELINE = """type: pipeline
settings: {default_compute: azureml:cluster}
jobs:
  only: {command: echo hello, environment: {image: "python:3"}}
"""

# Operations that other modules of these tests run, each by name; and those that ask no service, or another one.
ELSEWHERE = {
    "batch_deployments": ("endpoints", "begin_create_or_update begin_delete list"),
    "batch_endpoints": ("endpoints", "invoke list_jobs"),
    "online_deployments": ("endpoints", "begin_create_or_update begin_delete list get_logs"),
    "online_endpoints": ("endpoints", "invoke"),
    "registries": ("registries", "begin_create get list"),
    "models": ("registries", "share"),
}
NOT_ASKED = {
    # download: the client itself takes no code but that of the public cloud's hosts.
    "components": "prepare_for_sign validate download",
    "jobs": "validate",
    # list_materialization_status: azure-ai-ml 1.35 fails before it asks. import_data: by a pipeline of jobs that do not run.
    "data": "mount import_data list_materialization_status",
    # These always ask the real Azure, whatever the cloud's addresses are.
    "deployment_templates": "archive create_or_update delete get list restore",
    "datastores": "mount",
    "feature_sets": "begin_backfill get_feature list_features list_materialization_operations",
    "feature_stores": "begin_provision_network",
    # Those that begin with a request of another row.
    "evaluators": "create_or_update",
    "capability_hosts": "begin_create_or_update begin_delete",
    "indexes": "build_index",
}


class Refused:
    """The answer of an operation that is not emulated, or that the service refuses."""

    def __init__(self, sentence, status=501):
        self.sentence, self.status = sentence, status

    def wrong(self, act):
        try:
            found = act()
        except HttpResponseError as error:
            said = (error.status_code, self.sentence in str(error))
            return None if said == (self.status, True) else f"{error.status_code} {error}"
        return f"was not refused, but gave {found!r}"


def rows_of(names):
    return {f"{kind}.{verb}" for kind, verbs in names.items() for verb in verbs.split()}


def results(made):
    made = made.result() if isinstance(made, LROPoller) else made
    return list(made) if hasattr(type(made), "by_page") else made


class Grid(unittest.TestCase):
    maxDiff = None
    done: set[str] = set()

    @classmethod
    def setUpClass(cls):
        cls.ml = lab.client()

    def walk(self, rows, client=None):
        """Runs the rows in their order. A row: the operation, its arguments, and what its answer must be."""
        wrong = []
        for operation, arguments, expected in rows:
            kind, verb = operation.split(".")
            run = getattr(getattr(client or self.ml, kind, None), verb, None)
            if run is None:
                continue
            Grid.done.add(operation)
            positional, named = arguments if isinstance(arguments, tuple) else (arguments, {})
            act = lambda: results(run(*positional, **named))  # noqa: E731
            if isinstance(expected, Refused):
                found = expected.wrong(act)
            else:
                try:
                    answer = act()
                    found = None if expected(answer) else f"gave {answer!r}"
                except Exception as error:  # pylint: disable=broad-exception-caught
                    found = f"{type(error).__name__}: {error}"
            if found is not None:
                wrong.append(f"{operation}: {found}")
        self.assertEqual(wrong, [])


def anything(_):
    return True


def named(name):
    return lambda found: found.name == name


def listed(name):
    return lambda found: name in [each.name for each in found]


def unlisted(name):
    return lambda found: name not in [each.name for each in found]


def versions(*wanted):
    return lambda found: sorted(each.version for each in found) == sorted(wanted)


def asset_rows(kind, name, make):
    """What all assets have in common: versions, labels, archives."""
    return [
        (f"{kind}.create_or_update", [make("1")], named(name)),
        (f"{kind}.create_or_update", [make("2")], named(name)),
        (f"{kind}.get", ([name], {"version": "1"}), lambda found: found.version == "1"),
        (f"{kind}.get", ([name], {"label": "latest"}), lambda found: found.version == "2"),
        (f"{kind}.list", [], listed(name)),
        (f"{kind}.list", [name], versions("1", "2")),
        (f"{kind}.archive", ([name], {"version": "1"}), anything),
        (f"{kind}.list", [name], versions("2")),
        (f"{kind}.list", ([name], {"list_view_type": "ArchivedOnly"}), versions("1")),
        (f"{kind}.restore", ([name], {"version": "1"}), anything),
        (f"{kind}.list", ([name], {"list_view_type": "ActiveOnly"}), versions("1", "2")),
        (f"{kind}.archive", [name], anything),
        (f"{kind}.list", [], unlisted(name)),
        (f"{kind}.restore", [name], anything),
        (f"{kind}.list", [], listed(name)),
    ]


def shared(name):
    return {"registry_name": Assets.registry, "share_with_name": name, "share_with_version": "7"}


class Assets(Grid):
    registry = lab.new_name("reg")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        registry = Registry(name=cls.registry, location="westeurope", replication_locations=REGIONS)
        cls.ml.registries.begin_create(registry).result()

    def test_data(self):
        name = lab.new_name("data")
        path = lab.folder({"a.csv": name})
        rows = asset_rows("data", name, lambda v: Data(name=name, version=v, type="uri_folder", path=path))
        rows += [("data.share", ([name, "1"], shared(name)), lambda found: found.version == "7")]
        self.walk(rows)

    def test_models(self):
        name, into = lab.new_name("model"), tempfile.mkdtemp()
        path = lab.folder({"m.pkl": name})
        rows = asset_rows("models", name, lambda v: Model(name=name, version=v, path=path))
        rows += [
            ("models.download", ([name, "1"], {"download_path": into}), anything),
            (
                "models.package",
                [name, "1", ModelPackage(target_environment="e", inferencing_server=AzureMLOnlineInferencingServer())],
                Refused("Images are not built"),
            ),
        ]
        self.walk(rows)
        self.assertEqual(lab.names_below(into), [f"{name}/folder/m.pkl"])

    def test_environments(self):
        name = lab.new_name("env")
        rows = asset_rows("environments", name, lambda v: Environment(name=name, version=v, image=f"python:3.{v}"))
        rows += [("environments.share", ([name, "1"], shared(name)), lambda found: found.version == "7")]
        self.walk(rows)

    def test_components_and_their_code(self):
        environment, name = lab.new_name("env"), lab.new_name("component")
        self.ml.environments.create_or_update(Environment(name=environment, version="1", image="python:3"))
        code = lab.folder({"main.py": f"print('{name}')"})

        def make(version):
            text = COMPONENT.format(name=name, environment=environment, code=code)
            path = lab.folder({"c.yml": text.replace('version: "1"', f'version: "{version}"')})
            return load_component(f"{path}/c.yml")

        rows = asset_rows("components", name, make)
        self.walk(rows)


class Work(Grid):
    def test_jobs(self):
        name, gone, long = lab.new_name("job"), lab.new_name("gone"), lab.new_name("long")
        self.walk(
            [
                ("jobs.create_or_update", [lab.small_job("echo out", name=name)], named(name)),
                ("jobs.stream", [name], anything),
                ("jobs.get", [name], lambda job: job.status == "Completed"),
                ("jobs.list", [], listed(name)),
                ("jobs.show_services", [name], lambda found: found is None),
                (
                    "jobs.update",
                    ([name], {"display_name": "shown", "tags": {"a": "b"}, "description": "d"}),
                    lambda job: (job.display_name, job.tags, job.description) == ("shown", {"a": "b"}, "d"),
                ),
                ("jobs.archive", [name], anything),
                ("jobs.list", [], unlisted(name)),
                ("jobs.list", ([], {"list_view_type": "All"}), listed(name)),
                ("jobs.restore", [name], anything),
                ("jobs.list", [], listed(name)),
                ("jobs.download", ([name], {"download_path": tempfile.mkdtemp(), "all": True}), anything),
                ("jobs.create_or_update", [lab.small_job("sleep 600", name=long)], named(long)),
                ("jobs.begin_cancel", [long], anything),
                ("jobs.get", [long], lambda job: job.status == "Canceled"),
                ("jobs.begin_cancel", [name], anything),
                ("jobs.get", [name], lambda job: job.status == "Completed"),
                ("jobs.create_or_update", [lab.small_job(name=gone)], named(gone)),
                ("jobs.begin_delete", [gone], anything),
            ]
        )
        if hasattr(self.ml.jobs, "begin_delete"):
            with self.assertRaises(ResourceNotFoundError):
                self.ml.jobs.get(gone)

    def test_schedules(self):
        name = lab.new_name("schedule")
        job = load_job(f"{lab.folder({'p.yml': PIPELINE})}/p.yml")
        schedule = JobSchedule(name=name, trigger=CronTrigger(expression="0 0 1 1 *"), create_job=job)
        self.walk(
            [
                ("schedules.begin_create_or_update", [schedule], named(name)),
                ("schedules.get", [name], lambda found: found.is_enabled),
                ("schedules.list", [], listed(name)),
                ("schedules.trigger", [name], lambda found: found.job_name.startswith(name)),
                ("schedules.begin_disable", [name], lambda found: not found.is_enabled),
                ("schedules.list", [], unlisted(name)),
                ("schedules.list", ([], {"list_view_type": "DisabledOnly"}), listed(name)),
                ("schedules.begin_enable", [name], lambda found: found.is_enabled),
                ("schedules.begin_disable", [name], anything),
                ("schedules.begin_delete", [name], anything),
            ]
        )

    def test_computes(self):
        cluster, instance = lab.new_name("cl"), lab.new_name("ci")
        size = "Standard_DS3_v2"
        attached = KubernetesCompute(name=lab.new_name("k"), resource_id=ATTACHED, namespace="default")
        self.walk(
            [
                (
                    "compute.begin_create_or_update",
                    [AmlCompute(name=cluster, size=size, max_instances=2)],
                    named(cluster),
                ),
                (
                    "compute.begin_update",
                    [AmlCompute(name=cluster, size=size, max_instances=4, idle_time_before_scale_down=600)],
                    lambda found: (found.max_instances, found.idle_time_before_scale_down) == (4, 600),
                ),
                ("compute.get", [cluster], lambda found: (found.max_instances, found.size) == (4, size.upper()) or found.size == size),
                ("compute.list", [], listed(cluster)),
                ("compute.list", ([], {"compute_type": "ComputeInstance"}), unlisted(cluster)),
                ("compute.list_nodes", [cluster], lambda found: found == []),
                ("compute.list_sizes", [], listed(size)),
                ("compute.list_usage", [], lambda found: len(found) > 0),
                ("compute.begin_create_or_update", [ComputeInstance(name=instance, size=size)], named(instance)),
                ("compute.begin_stop", [instance], anything),
                ("compute.get", [instance], lambda found: found.state == "Stopped"),
                ("compute.begin_start", [instance], anything),
                ("compute.begin_restart", [instance], anything),
                ("compute.get", [instance], lambda found: found.state == "Running"),
                ("compute.begin_attach", [attached], named(attached.name)),
                ("compute.begin_delete", ([attached.name], {"action": "Detach"}), anything),
                ("compute.enable_sso", ([], {"name": instance}), anything),
                ("compute.begin_delete", [instance], anything),
                ("compute.begin_delete", [cluster], anything),
                ("compute.list", [], unlisted(cluster)),
            ]
        )


class Places(Grid):
    def test_workspaces(self):
        name = lab.new_name("ws")
        self.walk(
            [
                ("workspaces.begin_create", [Workspace(name=name, location="westeurope", tags={"a": "b"})], named(name)),
                ("workspaces.get", [name], lambda found: found.tags["a"] == "b"),
                ("workspaces.list", [], listed(name)),
                ("workspaces.begin_update", [Workspace(name=name, display_name="shown")], lambda w: w.display_name == "shown"),
                ("workspaces.get_keys", [name], lambda keys: keys.user_storage_key),
                ("workspaces.begin_sync_keys", [name], anything),
                ("workspaces.begin_diagnose", [name], anything),
                (
                    "workspaces.begin_provision_network",
                    ([], {"workspace_name": name}),
                    Refused("The emulator has no networks"),
                ),
                ("workspaces.begin_delete", ([name], {"delete_dependent_resources": True}), anything),
                ("workspaces.list", [], unlisted(name)),
            ]
        )

    def test_outbound_rules(self):
        name = lab.new_name("rule")
        rule, other = (FqdnDestination(name=name, destination=to) for to in ("pypi.org", "conda.anaconda.org"))
        self.walk(
            [
                ("workspace_outbound_rules.begin_create", [lab.WORKSPACE, rule], named(name)),
                ("workspace_outbound_rules.begin_update", [lab.WORKSPACE, other], named(name)),
                ("workspace_outbound_rules.get", [lab.WORKSPACE, name], lambda it: it.destination == other.destination),
                ("workspace_outbound_rules.list", [lab.WORKSPACE], listed(name)),
                ("workspace_outbound_rules.begin_remove", [lab.WORKSPACE, name], anything),
                ("workspace_outbound_rules.list", [lab.WORKSPACE], unlisted(name)),
            ]
        )

    def test_datastores(self):
        name = lab.new_name("store")
        account = self.ml.datastores.get_default().account_name
        store = AzureBlobDatastore(name=name, account_name=account, container_name="some", description="d")
        self.walk(
            [
                ("datastores.create_or_update", [store], named(name)),
                ("datastores.get", [name], lambda found: found.description == "d"),
                ("datastores.list", [], listed(name)),
                ("datastores.get_default", [], named("workspaceblobstore")),
                ("datastores.delete", [name], anything),
                ("datastores.list", [], unlisted(name)),
            ]
        )

    def test_connections(self):
        name = lab.new_name("connection")
        connection = APIKeyConnection(name=name, api_base="https://example.com", api_key="secret")
        self.walk(
            [
                ("connections.create_or_update", [connection], named(name)),
                ("connections.get", [name], lambda found: found.target.startswith("https://example.com")),
                ("connections.list", [], listed(name)),
                (
                    "azure_openai_deployments.list",
                    [name],
                    Refused("Azure OpenAI deployments are no part of the emulator"),
                ),
                ("connections.delete", [name], anything),
                ("connections.list", [], unlisted(name)),
            ]
        )

    def test_registries(self):
        name = lab.new_name("reg")
        self.walk(
            [
                ("registries.begin_create", [Registry(name=name, location="westeurope", replication_locations=REGIONS)], named(name)),
                ("registries.get", [name], named(name)),
                ("registries.list", [], listed(name)),
                ("registries.begin_delete", ([], {"name": name}), anything),
                ("registries.list", [], unlisted(name)),
            ]
        )


class Endpoints(Grid):
    def test_online(self):
        name = lab.new_name("ep-")
        endpoint = ManagedOnlineEndpoint(name=name, tags={"a": "b"})
        before = []
        self.walk(
            [
                ("online_endpoints.begin_create_or_update", [endpoint], named(name)),
                ("online_endpoints.get", [name], lambda it: (it.tags["a"], it.provisioning_state) == ("b", "Succeeded")),
                ("online_endpoints.list", [], listed(name)),
                ("online_endpoints.get_keys", [name], lambda keys: before.append(keys) or keys.primary_key),
                ("online_endpoints.begin_regenerate_keys", ([name], {"key_type": "secondary"}), anything),
                (
                    "online_endpoints.get_keys",
                    [name],
                    lambda keys: keys.primary_key == before[0].primary_key and keys.secondary_key != before[0].secondary_key,
                ),
                ("online_deployments.list", [name], lambda found: found == []),
                ("online_deployments.get", (["none"], {"endpoint_name": name}), Refused("none", 404)),
                ("online_endpoints.begin_delete", [name], anything),
                ("online_endpoints.list", [], unlisted(name)),
            ]
        )

    def test_batch(self):
        name = lab.new_name("batch-")
        self.walk(
            [
                ("batch_endpoints.begin_create_or_update", [BatchEndpoint(name=name, description="d")], named(name)),
                ("batch_endpoints.get", [name], lambda it: it.description == "d"),
                ("batch_endpoints.list", [], listed(name)),
                ("batch_endpoints.list_jobs", [name], lambda found: found == []),
                ("batch_deployments.list", [name], lambda found: found == []),
                ("batch_deployments.get", (["none"], {"endpoint_name": name}), Refused("none", 404)),
                ("batch_deployments.list_jobs", ([], {"name": "none", "endpoint_name": name}), Refused("none", 404)),
                ("batch_endpoints.begin_delete", [name], anything),
                ("batch_endpoints.list", [], unlisted(name)),
            ]
        )

    def test_serverless(self):
        name, none = lab.new_name("sl-"), Refused("Marketplace models are no part of the emulator")
        subscription = MarketplaceSubscription(name=name, model_id="azureml://registries/r/models/m")
        endpoint = ServerlessEndpoint(name=name, model_id="azureml://registries/r/models/m")
        self.walk(
            [
                ("serverless_endpoints.begin_create_or_update", [endpoint], none),
                ("serverless_endpoints.get", [name], none),
                ("serverless_endpoints.list", [], none),
                ("serverless_endpoints.get_keys", [name], none),
                ("serverless_endpoints.begin_regenerate_keys", ([name], {"key_type": "primary"}), none),
                ("serverless_endpoints.begin_delete", [name], none),
                ("marketplace_subscriptions.get", [name], none),
                ("marketplace_subscriptions.begin_create_or_update", [subscription], none),
                ("marketplace_subscriptions.list", [], none),
                ("marketplace_subscriptions.begin_delete", [name], none),
            ]
        )


class Others(Grid):
    def test_features(self):
        none = Refused("Feature stores are no part of the emulator")
        from azure.ai.ml.entities import DataColumn

        entity = FeatureStoreEntity(name="e", version="1", index_columns=[DataColumn(name="i", type="string")])
        feature_set = FeatureSet(
            name="f",
            version="1",
            entities=["azureml:e:1"],
            specification=FeatureSetSpecification(path=lab.folder({"FeatureSetSpec.yaml": f"{SPECIFICATION}# {lab.new_name('f')}"})),
        )
        self.walk(
            [
                ("feature_store_entities.begin_create_or_update", [entity], none),
                ("feature_store_entities.get", ["e", "1"], none),
                ("feature_store_entities.list", [], none),
                ("feature_store_entities.archive", ["e", "1"], none),
                ("feature_store_entities.restore", ["e", "1"], none),
                ("feature_sets.begin_create_or_update", [feature_set], none),
                ("feature_sets.get", ["f", "1"], none),
                ("feature_sets.list", [], none),
                ("feature_sets.archive", ["f", "1"], none),
                ("feature_sets.restore", ["f", "1"], none),
                ("feature_stores.get", ["no-such"], Refused("no-such", 404)),
                ("feature_stores.begin_update", [FeatureStore(name="no-such")], Refused("no-such", 404)),
                ("feature_stores.begin_delete", ["no-such"], Refused("no-such", 404)),
                ("feature_stores.list", [], lambda found: found == []),
                ("feature_stores.begin_create", [FeatureStore(name="features", location="westeurope")], Refused("Feature stores are no part", 200)),
            ]
        )

    def test_the_rest(self):
        self.walk(
            [
                ("indexes.list", [], Refused("Indexes are no part of the emulator")),
                ("indexes.get", ([], {"name": "i", "version": "1"}), Refused("Indexes are no part of the emulator")),
                ("indexes.create_or_update", [Index(name="i", version="1", path=lab.folder({"a": lab.new_name("index")}))], Refused("Indexes are no part of the emulator")),
                ("evaluators.list", ["e"], lambda found: found == []),
                ("evaluators.get", (["e"], {"version": "1"}), Refused("not", 404)),
                ("evaluators.download", ["e", "1"], Refused("not", 404)),
                ("capability_hosts.get", ["c"], Refused("Agents are no part of the emulator")),
            ]
        )


class ZNothingIsLeftOut(Grid):
    def test_no_operation_of_the_client_is_left_out(self):
        here = Grid.done | rows_of(NOT_ASKED) | rows_of({kind: verbs for kind, (_, verbs) in ELSEWHERE.items()})
        kinds = [name for name, _ in inspect.getmembers(MLClient, lambda member: isinstance(member, property))]
        asked = set()
        for kind in kinds:
            operations = getattr(self.ml, kind)
            if type(operations).__name__.endswith("Operations"):
                asked |= {f"{kind}.{verb}" for verb in dir(operations) if not verb.startswith("_") and callable(getattr(operations, verb))}
        self.assertEqual(sorted(asked - here), [])
