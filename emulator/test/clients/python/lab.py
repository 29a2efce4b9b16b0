"""What the modules share: the client as its users make it, names of their own, small files."""

import contextlib
import io
import os
import pathlib
import tempfile
import uuid

from azure.ai.ml import MLClient, command
from azure.ai.ml.entities import Environment
from azure.identity import DefaultAzureCredential

SUBSCRIPTION, GROUP, WORKSPACE = (os.environ[name] for name in ("LAB_SUBSCRIPTION", "LAB_GROUP", "LAB_WORKSPACE"))
# Code is named after the folder that the client runs in.
os.chdir(tempfile.mkdtemp())


def client(**kwargs):
    return MLClient(DefaultAzureCredential(), SUBSCRIPTION, GROUP, WORKSPACE, **kwargs)


def registry_client(name):
    return MLClient(DefaultAzureCredential(), registry_name=name)


def new_name(prefix):
    return f"{prefix}{uuid.uuid4().hex[:10]}"


def folder(files):
    """A new folder with files by name."""
    path = pathlib.Path(tempfile.mkdtemp()) / "folder"
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
    return str(path)


def names_below(path):
    return sorted(str(file.relative_to(path)) for file in pathlib.Path(path).rglob("*") if file.is_file())


def plain_environment():
    """Without packages: made in a moment."""
    return Environment(image="mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04", conda_file={"dependencies": ["python"]})


def small_job(text="true", name=None, **kwargs):
    return command(name=name or new_name("job"), command=text, environment=plain_environment(), **kwargs)


def printed(work):
    """What `work` prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        work()
    return out.getvalue()
