"""Loads a job file and converts it to its request, as often as each line of standard input says; answers milliseconds."""

import logging
import sys
import time
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

from azure.ai.ml import load_job  # noqa: E402


def once(path):
    job = load_job(path)
    # A command file loads as the node of a pipeline; submitting makes the job of it.
    job = job._to_job() if hasattr(job, "_to_job") else job
    return job._to_rest_object()


path = sys.argv[1]
once(path)
print("ready", flush=True)
for line in sys.stdin:
    began = time.perf_counter()
    for _ in range(int(line)):
        once(path)
    print((time.perf_counter() - began) * 1000, flush=True)
