import tempfile
import unittest

from azure.ai.ml import Input, Output, dsl
from azure.ai.ml.exceptions import JobException
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

import lab

SCRIPT = """import pathlib, sys
source, target = map(pathlib.Path, sys.argv[1:3])
print("read", (source / "a.csv").read_text().strip())
target.mkdir(parents=True, exist_ok=True)
(target / "b.csv").write_text("3,4")
"""


class Jobs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ml = lab.client()

    def submitted(self, job):
        made = self.ml.jobs.create_or_update(job)
        self.ml.jobs.stream(made.name)
        return made.name

    def test_runs_streams_and_downloads_a_job_with_code_inputs_and_outputs(self):
        job = lab.small_job(
            "python main.py ${{inputs.data}} ${{outputs.out}}",
            code=lab.folder({"main.py": SCRIPT, "sub/other.py": ""}),
            inputs={"data": Input(type="uri_folder", path=lab.folder({"a.csv": "1,2"}))},
            outputs={"out": Output(type="uri_folder")},
        )
        made = self.ml.jobs.create_or_update(job)
        streamed = lab.printed(lambda: self.ml.jobs.stream(made.name))
        self.assertIn("read 1,2", streamed)
        self.assertEqual(self.ml.jobs.get(made.name).status, "Completed")
        path = tempfile.mkdtemp()
        self.ml.jobs.download(made.name, download_path=path, all=True)
        self.assertIn("artifacts/user_logs/std_log.txt", lab.names_below(path))
        self.assertIn("named-outputs/out/b.csv", lab.names_below(path))
        path = tempfile.mkdtemp()
        self.ml.jobs.download(made.name, download_path=path, output_name="out")
        self.assertEqual(lab.names_below(path), ["named-outputs/out/b.csv"])

    def test_uploads_the_same_code_once(self):
        code = lab.folder({"main.py": "print(1)"})
        first, second = (self.ml.jobs.create_or_update(lab.small_job("python main.py", code=code)) for _ in range(2))
        self.assertEqual(first.code, second.code)

    def test_tells_why_a_job_failed(self):
        with self.assertRaises(JobException) as caught:
            self.submitted(lab.small_job("echo going down; exit 3"))
        self.assertIn("exited with code 3", str(caught.exception))

    def test_lists_renames_archives_and_restores(self):
        name = self.ml.jobs.create_or_update(lab.small_job()).name
        job = self.ml.jobs.get(name)
        job.display_name, job.tags = "renamed", {"k": "v"}
        self.ml.jobs.create_or_update(job)
        self.assertEqual((self.ml.jobs.get(name).display_name, self.ml.jobs.get(name).tags["k"]), ("renamed", "v"))
        self.assertIn(name, [job.name for job in self.ml.jobs.list()])
        self.ml.jobs.archive(name)
        self.assertNotIn(name, [job.name for job in self.ml.jobs.list()])
        self.assertIn(name, [job.name for job in self.ml.jobs.list(list_view_type="ArchivedOnly")])
        self.ml.jobs.restore(name)
        self.assertIn(name, [job.name for job in self.ml.jobs.list()])

    def test_cancels(self):
        name = self.ml.jobs.create_or_update(lab.small_job("sleep 600")).name
        self.ml.jobs.begin_cancel(name).result()
        self.assertEqual(self.ml.jobs.get(name).status, "Canceled")

    def test_shows_the_services_of_a_job(self):
        name = self.ml.jobs.create_or_update(lab.small_job()).name
        self.assertIn("Studio", self.ml.jobs.get(name).services)
        self.assertIsNone(self.ml.jobs.show_services(name))

    def test_submits_a_pipeline(self):
        step = lab.small_job("echo ${{inputs.text}}", inputs={"text": "a"}).component

        @dsl.pipeline(default_compute="serverless")
        def two_steps(text):
            step(text=text)
            step(text="second")

        job = two_steps(text="first")
        made = self.ml.jobs.create_or_update(job, experiment_name="pipelines")
        self.assertEqual(self.ml.jobs.get(made.name).type, "pipeline")
        self.ml.jobs.begin_cancel(made.name).result()
        list(self.ml.jobs.list(parent_job_name=made.name))

    def test_refuses_what_azure_refuses(self):
        with self.assertRaises(ResourceNotFoundError):
            self.ml.jobs.get("no-such-job")
        with self.assertRaisesRegex(HttpResponseError, "UserError"):
            self.ml.jobs.create_or_update(lab.small_job(compute="no-such-compute"))
        name = self.ml.jobs.create_or_update(lab.small_job()).name
        with self.assertRaisesRegex(HttpResponseError, "already exists"):
            self.ml.jobs.create_or_update(lab.small_job("false", name=name))
