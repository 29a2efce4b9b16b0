/**
 * The scoring script of deployments of MLflow models that bring none. It takes what Azure ML's own takes
 * (`input_data`) and what MLflow's server takes (`dataframe_split`, `dataframe_records`, `instances`, `inputs`),
 * and answers the bare predictions.
 */
export const MLFLOW_SCRIPT = `import json
import os

import mlflow.pyfunc
import numpy as np
import pandas as pd
from azureml_inference_server_http.api.aml_response import AMLResponse

model = None
columns = None


def init():
    global model, columns
    model = mlflow.pyfunc.load_model(os.environ["AZUREML_EMULATOR_MLFLOW_MODEL"])
    schema = model.metadata.get_input_schema()
    columns = schema.input_names() if schema is not None and schema.has_input_names() else None


def run(raw_data):
    try:
        data = read(json.loads(raw_data))
    except (ValueError, TypeError, KeyError) as error:
        return AMLResponse({"message": f"The request cannot be read: {error}"}, 400, json_str=True)
    try:
        return plain(model.predict(data))
    except mlflow.exceptions.MlflowException as error:
        return AMLResponse({"message": str(error)}, 400, json_str=True)


def read(payload):
    if not isinstance(payload, dict):
        raise ValueError('the body has to be a JSON object with "input_data"')
    for key in ("input_data", "dataframe_split", "dataframe_records", "instances", "inputs"):
        if key in payload:
            return typed(frame(payload[key]))
    raise ValueError(f'found {sorted(payload)}, expected "input_data"')


def frame(data):
    if isinstance(data, dict) and "data" in data:
        return pd.DataFrame(data["data"], columns=data.get("columns") or names(data["data"]), index=data.get("index"))
    if isinstance(data, dict):
        return pd.DataFrame(data)
    if isinstance(data, list) and data and isinstance(data[0], (list, dict)):
        return pd.DataFrame(data, columns=None if isinstance(data[0], dict) else names(data))
    return np.asarray(data)


def names(rows):
    return columns if columns is not None and rows and len(columns) == len(rows[0]) else None


def typed(data):
    """JSON has one kind of number: whole numbers become doubles where the signature asks for doubles."""
    schema = model.metadata.get_input_schema()
    if not isinstance(data, pd.DataFrame) or schema is None or not schema.has_input_names():
        return data
    for column in schema.inputs:
        if column.name in data and str(getattr(column, "type", "")) in ("DataType.double", "DataType.float"):
            kind = "float32" if str(column.type) == "DataType.float" else "float64"
            if pd.api.types.is_integer_dtype(data[column.name]):
                data[column.name] = data[column.name].astype(kind)
    return data


def plain(result):
    if isinstance(result, pd.DataFrame):
        return json.loads(result.to_json(orient="records"))
    if isinstance(result, (pd.Series, np.ndarray)):
        return result.tolist()
    return result
`;
