/**
 * Runs an entry script's `init()` once in each worker process and its `run(mini_batch)` over the input, as Azure ML's
 * parallel jobs do: https://learn.microsoft.com/azure/machine-learning/how-to-use-parallel-job-in-pipeline and
 * https://learn.microsoft.com/azure/machine-learning/how-to-batch-scoring-script
 * A worker that takes longer than the time-out is ended and the mini-batch tried again. What `run` returns is a row
 * each; a mini-batch that returns fewer rows than it has items counts the difference as errors.
 */
export const PARALLEL_DRIVER = `import argparse
import importlib.util
import multiprocessing
import multiprocessing.connection
import os
import sys
import time
import traceback


def parse():
    parser = argparse.ArgumentParser(prog="parallel")
    parser.add_argument("--entry", required=True)
    parser.add_argument("--input", required=True)
    parser.add_argument("--tabular", action="store_true")
    parser.add_argument("--mini-batch-size", type=int, default=10)
    parser.add_argument("--partition-keys")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--error-threshold", type=int, default=-1)
    parser.add_argument("--mini-batch-error-threshold", type=int, default=-1)
    parser.add_argument("--max-retries", type=int, default=3)
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--append-row-to")
    parser.add_argument("--output-file-name")
    parser.add_argument("--summary-only", action="store_true")
    parser.add_argument("--delimiter", default=" ")
    parser.add_argument("--model")
    own, rest = sys.argv[1:], []
    if "--" in own:
        at = own.index("--")
        own, rest = own[:at], own[at + 1:]
    return parser.parse_args(own), rest


def files_of(path):
    if os.path.isfile(path):
        return [path]
    found = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names]
    return sorted(found)


def table(path):
    import pandas
    files = [f for f in files_of(path) if os.path.basename(f) != "MLTable"]
    read = lambda f: pandas.read_parquet(f) if f.endswith(".parquet") else pandas.read_csv(f)
    return pandas.concat([read(f) for f in files], ignore_index=True), sum(os.path.getsize(f) for f in files)


def batches(options):
    if not options.tabular:
        files = files_of(options.input)
        if options.partition_keys:
            sys.exit("partition_keys need tabular input (mltable).")
        return [files[at:at + options.mini_batch_size] for at in range(0, len(files), options.mini_batch_size)]
    data, size = table(options.input)
    if options.partition_keys:
        return [group for _, group in data.groupby(options.partition_keys.split(","))]
    rows = max(1, int(options.mini_batch_size * len(data) / max(1, size)))
    return [data.iloc[at:at + rows] for at in range(0, len(data), rows)]


class Mlflow:
    """Predicts with an MLflow model: rows of number, prediction and file, as Azure ML's batch deployments write them."""

    def init(self):
        import mlflow.pyfunc
        self.model = mlflow.pyfunc.load_model(mlflow_folder(os.environ["AZUREML_EMULATOR_MODEL"]))

    def run(self, files):
        import pandas
        frames = [self.predict(pandas, path) for path in files]
        return pandas.concat(frames)

    def predict(self, pandas, path):
        kinds = {".csv": pandas.read_csv, ".parquet": pandas.read_parquet, ".json": pandas.read_json}
        kind = os.path.splitext(path)[1].lower()
        if kind not in kinds:
            raise ValueError(f"{os.path.basename(path)}: MLflow models are given .csv, .parquet and .json files.")
        predicted = self.model.predict(kinds[kind](path))
        values = predicted.values.tolist() if hasattr(predicted, "values") else list(predicted)
        rows = [(at, value, os.path.basename(path)) for at, value in enumerate(values)]
        return pandas.DataFrame(rows, columns=["row", "prediction", "file"])


def mlflow_folder(path):
    found = [folder for folder, _, names in os.walk(path) if "MLmodel" in names]
    if not found:
        raise ValueError("The model is registered as mlflow_model but has no MLmodel file.")
    return min(found, key=len)


def load(entry):
    if entry == "mlflow:":
        return Mlflow()
    sys.path.insert(0, os.path.dirname(os.path.abspath(entry)))
    spec = importlib.util.spec_from_file_location("entry_script", entry)
    module = importlib.util.module_from_spec(spec)
    sys.modules["entry_script"] = module
    spec.loader.exec_module(module)
    return module


def serve(entry, arguments, pipe):
    sys.argv = [entry] + arguments
    try:
        module = load(entry)
        if hasattr(module, "init"):
            module.init()
    except BaseException:
        pipe.send(("broken", traceback.format_exc()))
        return
    pipe.send(("ready", None))
    while True:
        batch = pipe.recv()
        if batch is None:
            if hasattr(module, "shutdown"):
                module.shutdown()
            return
        try:
            pipe.send(("done", rows_of(module.run(batch))))
        except BaseException:
            pipe.send(("failed", traceback.format_exc()))


def rows_of(result):
    if result is None:
        return []
    if hasattr(result, "to_csv"):
        frame = result.to_frame() if not hasattr(result, "columns") else result
        return frame.to_csv(sep=DELIMITER, header=False, index=False).splitlines()
    return [str(row) for row in result]


class Worker:
    def __init__(self, options, arguments):
        self.options, self.arguments = options, arguments
        self.start()

    def start(self):
        self.pipe, theirs = multiprocessing.Pipe()
        target = (self.options.entry, self.arguments, theirs)
        self.process = multiprocessing.Process(target=serve, args=target, daemon=True)
        self.process.start()
        theirs.close()
        self.task, self.deadline, self.ready = None, None, False

    def give(self, task):
        self.task, self.deadline = task, time.monotonic() + self.options.timeout
        self.pipe.send(task["batch"])

    def restart(self):
        self.process.kill()
        self.process.join()
        self.start()


def main():
    global DELIMITER
    options, arguments = parse()
    DELIMITER = options.delimiter
    if options.model:
        os.environ["AZUREML_EMULATOR_MODEL"] = options.model
        os.environ["AZUREML_MODEL_DIR"] = os.path.dirname(options.model.rstrip("/"))
    if options.append_row_to and options.output_file_name:
        os.makedirs(options.append_row_to, exist_ok=True)
        os.environ["AZUREML_BI_OUTPUT_PATH"] = options.append_row_to
        options.append_row_to = os.path.join(options.append_row_to, options.output_file_name)
    waiting = [{"batch": batch, "at": at, "tries": 0} for at, batch in enumerate(batches(options))]
    total = len(waiting)
    print(f"{total} mini-batches for {options.workers} workers", flush=True)
    results, errors, lost = {}, 0, 0
    workers = [Worker(options, arguments) for _ in range(max(1, min(options.workers, total)))]

    def failed(worker, why):
        nonlocal errors, lost
        task, worker.task = worker.task, None
        task["tries"] += 1
        print(f"mini-batch {task['at']}, try {task['tries']}: {why}", flush=True)
        if task["tries"] <= options.max_retries:
            waiting.insert(0, task)
            return
        lost += 1
        errors += len(task["batch"])
        if options.mini_batch_error_threshold >= 0 and lost > options.mini_batch_error_threshold:
            sys.exit(f"{lost} mini-batches failed; the mini-batch error threshold is {options.mini_batch_error_threshold}.")

    while waiting or any(worker.task for worker in workers):
        for worker in workers:
            if worker.ready and worker.task is None and waiting:
                worker.give(waiting.pop(0))
        pipes = {worker.pipe: worker for worker in workers}
        for pipe in multiprocessing.connection.wait(list(pipes), timeout=0.1):
            worker = pipes[pipe]
            try:
                kind, value = pipe.recv()
            except EOFError:
                if worker.task is None:
                    sys.exit("A worker ended before it was asked anything.")
                failed(worker, "the worker ended")
                worker.restart()
                continue
            if kind == "broken":
                sys.exit(f"init() failed:\\n{value}")
            if kind == "ready":
                worker.ready = True
            elif kind == "failed":
                failed(worker, value)
            else:
                task, worker.task = worker.task, None
                results[task["at"]] = value
                errors += max(0, len(task["batch"]) - len(value)) if options.append_row_to and not options.tabular and len(value) < len(task["batch"]) else 0
                print(f"{len(results)} of {total} mini-batches done", flush=True)
        for worker in workers:
            if worker.task is not None and time.monotonic() > worker.deadline:
                failed(worker, f"no answer within {options.timeout:g} s")
                worker.restart()
        if options.error_threshold >= 0 and errors > options.error_threshold:
            sys.exit(f"{errors} items failed; the error threshold is {options.error_threshold}.")
    for worker in workers:
        if worker.ready:
            worker.pipe.send(None)
    for worker in workers:
        worker.process.join(10)
    if options.append_row_to and not options.summary_only:
        with open(options.append_row_to, "w") as file:
            for at in sorted(results):
                file.writelines(f"{row}\\n" for row in results[at])
    print(f"{total} mini-batches, {errors} items failed", flush=True)


DELIMITER = " "
if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    main()
`;
