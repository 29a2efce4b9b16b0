"""One upload of a folder as code by Microsoft's client, imports not counted. Prints seconds and peak memory as JSON."""

import json
import resource
import sys
import time

from azure.ai.ml import MLClient
from azure.ai.ml.entities._assets._artifacts.code import Code
from azure.identity import DefaultAzureCredential

folder, subscription, group, workspace = sys.argv[1:]
client = MLClient(DefaultAzureCredential(), subscription, group, workspace, show_progress=False)
# `_code` is what submits `code:` of a job. The first call fetches what every command needs: cloud, token, discovery.
client.workspaces.get(workspace)
began = time.perf_counter()
client._code.create_or_update(Code(path=folder))
seconds = time.perf_counter() - began
print(json.dumps({"seconds": seconds, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
