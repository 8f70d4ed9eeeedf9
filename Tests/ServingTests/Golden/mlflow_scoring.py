"""Holds the table of invocations.txt to MLflow's own scoring server.

    python mlflow_scoring.py TABLE FOLDER           says which lines are not what MLflow answers
    python mlflow_scoring.py --write TABLE FOLDER   writes what MLflow answers into them

The models do nothing but say what reached them: the type and the values of each column or tensor, and the parameters.
"""

import json
import logging
import os
import sys
import warnings

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
warnings.filterwarnings("ignore")

import mlflow.pyfunc
import numpy
import pandas
from fastapi.testclient import TestClient
from mlflow.models import ModelSignature
from mlflow.pyfunc import scoring_server

logging.disable(logging.CRITICAL)

TYPES = {
    "float64": "double", "float32": "float", "int64": "long", "int32": "integer", "bool": "boolean", "object": "string",
    "str": "string", "datetime64[ns]": "datetime",
}


class Echo(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        if isinstance(model_input, pandas.DataFrame):
            said = {str(name): described(model_input[name].to_numpy(), model_input[name].dtype) for name in model_input}
            if not said:
                said = {"rows": len(model_input)}
        elif isinstance(model_input, dict):
            said = {name: described(numpy.asarray(value)) for name, value in model_input.items()}
        else:
            said = {"": described(numpy.asarray(model_input))}
        if params:
            said["params"] = {name: plain(value) for name, value in sorted(params.items())}
        return said


def described(array, dtype=None):
    name = str(dtype if dtype is not None else array.dtype)
    said = [TYPES.get(name, name), plain(array.tolist())]
    return said if array.ndim == 1 else [said[0], list(array.shape), plain(array.ravel().tolist())]


def plain(value):
    """Without what JSON has no word for."""
    if isinstance(value, (list, numpy.ndarray)):
        return [plain(element) for element in value]
    if value is None or value is pandas.NA or isinstance(value, float) and value != value:
        return None
    if isinstance(value, float) and abs(value) == float("inf"):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return value.item() if isinstance(value, numpy.generic) else value


def client(name, signature, folder):
    """MLflow's server for a model with this signature."""
    text = {key: json.dumps(value) for key, value in signature.items()}
    path = f"{folder}/{name}"
    mlflow.pyfunc.save_model(
        path, python_model=Echo(), signature=ModelSignature.from_dict(text) if text else None, pip_requirements=[])
    return TestClient(scoring_server.init(mlflow.pyfunc.load_model(path)), raise_server_exceptions=False)


def ask(server, kind, body):
    answer = server.post("/invocations", content=body.encode(), headers={"Content-Type": kind})
    if answer.status_code == 200:
        return "200 " + json.dumps(answer.json()["predictions"])
    if answer.headers["content-type"].startswith("application/json"):
        return f"{answer.status_code} {answer.json().get('error_code', '-')}"
    return f"{answer.status_code} -"


def main(table, folder, writes):
    lines, wrong, cases = [], 0, 0
    server = kind = body = None
    for number, line in enumerate(open(table).read().splitlines(), 1):
        word, _, rest = line.partition(" ")
        if word == "signature":
            name, _, signature = rest.partition(" ")
            server = client(name, json.loads(signature), folder)
        elif word.startswith(">"):
            kind, body = {">": "application/json", ">csv": "text/csv"}.get(word, word[1:]), rest
            if word == ">csv":
                body = json.loads(body)
        elif word == "mlflow":
            cases += 1
            said = f"mlflow {ask(server, kind, body)}"
            if said != line:
                wrong += 1
                print(f"{table}:{number}: {body}\n  the table: {line}\n  MLflow:    {said}")
            line = said
        lines.append(line)
    if writes:
        open(table, "w").write("\n".join(lines) + "\n")
    print(f"{cases} cases, {wrong} wrong")
    return 1 if wrong and not writes else 0


arguments = [argument for argument in sys.argv[1:] if argument != "--write"]
sys.exit(main(*arguments, writes="--write" in sys.argv))
