"""Control nodes of pipelines, as azure-ai-ml's own functions make them."""

import json
import os
import pathlib
import tempfile
import unittest

# Before the client is imported: it reads control nodes from YAML only then.
os.environ["AZURE_ML_CLI_PRIVATE_FEATURES_ENABLED"] = "true"

from azure.ai.ml import Input, dsl, load_component, load_job
from azure.ai.ml.dsl._condition import condition
from azure.ai.ml.dsl._do_while import do_while
from azure.ai.ml.dsl._parallel_for import parallel_for

import lab

COMPONENT = """type: command
name: {name}
version: "1"
command: >-
  {command}
inputs: {inputs}
outputs: {outputs}
environment:
  image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04
  conda_file: {{dependencies: [python]}}
"""
HALVE = (
    "python -c \"n = int(open('${{inputs.before}}/n').read()) // 2; open('${{outputs.after}}/n', 'w').write(str(n));"
    " open('${{outputs.more}}', 'w').write(str(n > 2))\""
)
HALVE_PORTS = {
    "inputs": {"before": {"type": "uri_folder"}},
    "outputs": {"after": {"type": "uri_folder"}, "more": {"type": "boolean", "is_control": True}},
}
SHOW = {"inputs": {"of": {"type": "uri_folder"}}, "outputs": {}}


def step(name, command, inputs, outputs):
    text = COMPONENT.format(name=name, command=command, inputs=json.dumps(inputs), outputs=json.dumps(outputs))
    return load_component(f"{lab.folder({'c.yml': text})}/c.yml")


class Pipelines(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ml = lab.client()

    def ran(self, job):
        job.settings.default_compute = "serverless"
        made = self.ml.jobs.create_or_update(job, experiment_name="control")
        lab.printed(lambda: self.ml.jobs.stream(made.name))
        return self.ml.jobs.get(made.name)

    def children(self, job):
        return sorted(child.display_name for child in self.ml.jobs.list(parent_job_name=job.name))

    def text(self, job, output, path):
        into = tempfile.mkdtemp()
        self.ml.jobs.download(job.name, download_path=into, output_name=output)
        return (pathlib.Path(into) / "named-outputs" / output / path).read_text()

    def log(self, job):
        into = tempfile.mkdtemp()
        self.ml.jobs.download(job.name, download_path=into)
        return (pathlib.Path(into) / "artifacts" / "user_logs" / "std_log.txt").read_text().strip()

    def number(self, value):
        return Input(type="uri_folder", path=lab.folder({"n": value}))

    def test_repeats_a_step_while_its_condition_holds(self):
        halve = step("halve", HALVE, **HALVE_PORTS)

        @dsl.pipeline
        def shrink(start):
            body = halve(before=start)
            do_while(
                body=body, condition=body.outputs.more, mapping={body.outputs.after: body.inputs.before}, max_iteration_count=9
            )
            return {"last": body.outputs.after}

        job = self.ran(shrink(self.number("20")))
        self.assertEqual(job.status, "Completed")
        self.assertEqual(self.children(job), ["body [0]", "body [1]", "body [2]"])
        self.assertEqual(self.text(job, "last", "n"), "2")
        self.assertEqual({node.type for node in job.jobs.values()}, {"command", "do_while"})

    def test_stops_a_loop_of_pipelines_after_so_many_iterations(self):
        halve, show = step("halve_on", HALVE, **HALVE_PORTS), step("show", "cat ${{inputs.of}}/n", **SHOW)

        @dsl.pipeline
        def once(before: Input(type="uri_folder")):
            inner = halve(before=before)
            return {"after": inner.outputs.after}

        @dsl.pipeline
        def twice(start):
            body = once(before=start)
            do_while(body=body, mapping={body.outputs.after: body.inputs.before}, max_iteration_count=2)
            show(of=body.outputs.after)

        job = self.ran(twice(self.number("20")))
        self.assertEqual(job.status, "Completed")
        self.assertEqual(self.children(job), ["body [0]", "body [1]", "show"])
        shown = next(child for child in self.ml.jobs.list(parent_job_name=job.name) if child.display_name == "show")
        self.assertEqual(self.log(shown), "5")

    def test_runs_a_step_for_each_item_and_gathers_what_they_made(self):
        write = step(
            "write",
            "echo ${{inputs.word}} > ${{outputs.folder}}/w && echo ${{inputs.word}} > ${{outputs.said}}",
            {"word": {"type": "string"}},
            {"folder": {"type": "uri_folder"}, "said": {"type": "string", "is_control": True}},
        )
        read = step(
            "read",
            "cat ${{inputs.all}}/*/w > ${{outputs.read}}/words; echo '${{inputs.list}}' > ${{outputs.read}}/list",
            {"all": {"type": "mltable"}, "list": {"type": "string"}},
            {"read": {"type": "uri_folder"}},
        )

        @dsl.pipeline
        def each(first):
            body = write()
            every = parallel_for(body=body, items=[{"word": first}, {"word": "b"}, {"word": "c"}], max_concurrency=2)
            after = read(all=every.outputs.folder, list=every.outputs.said)
            return {"read": after.outputs.read}

        job = self.ran(each("a"))
        self.assertEqual(job.status, "Completed")
        self.assertEqual(self.children(job), ["after", "body [0]", "body [1]", "body [2]"])
        self.assertEqual(self.text(job, "read", "words").split(), ["a", "b", "c"])
        self.assertEqual(json.loads(self.text(job, "read", "list")), ["a", "b", "c"])

    def test_runs_one_side_of_a_condition(self):
        decide = step(
            "decide", "echo ${{inputs.say}} > ${{outputs.ok}}", {"say": {"type": "string"}}, {"ok": {"type": "boolean", "is_control": True}}
        )
        say = step("say", "echo ${{inputs.word}}", {"word": {"type": "string"}}, {})

        @dsl.pipeline
        def branch(answer):
            asked = decide(say=answer)
            yes, no = say(word="yes"), say(word="no")
            condition(condition=asked.outputs.ok, true_block=yes, false_block=no)

        self.assertEqual(self.children(self.ran(branch("true"))), ["asked", "yes"])
        self.assertEqual(self.children(self.ran(branch("false"))), ["asked", "no"])

    def test_reads_loops_from_yaml(self):
        folder = lab.folder(
            {
                "c.yml": COMPONENT.format(name="w", command="echo ${{inputs.word}}", inputs='{"word": {"type": "string"}}', outputs="{}"),
                "p.yml": """type: pipeline
settings: {default_compute: serverless}
jobs:
  body: {type: command, component: ./c.yml}
  each:
    type: parallel_for
    body: ${{parent.jobs.body}}
    items: '{"one": {"word": "a"}, "two": {"word": "b"}}'
""",
            }
        )
        job = self.ran(load_job(f"{folder}/p.yml"))
        self.assertEqual(job.status, "Completed")
        self.assertEqual(self.children(job), ["body [one]", "body [two]"])
