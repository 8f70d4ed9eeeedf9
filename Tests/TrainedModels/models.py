"""Trains the models that the tests run, and writes what MLflow's own pyfunc answers for each.

    python models.py FOLDER

Requirements are never inferred, which would start a Python for each model.
"""

import ctypes
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import warnings

import lightgbm
import mlflow
import numpy
import onnx_models
import pandas
import xgboost_models
from mlflow.models import infer_signature
from mlflow.pyfunc.scoring_server import predictions_to_json
from mlflow.utils.proto_json_utils import NumpyEncoder, _get_jsonable_obj
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

warnings.filterwarnings("ignore")


LEAKED = []

# What a model may answer, and what it may say of itself.
ANSWERS = {
    "frame": lambda rows: pandas.DataFrame({"label": ["a", None], "score": [0.5, float("nan")]}),
    "series": lambda rows: pandas.Series([1.5, 2.5], name="score"),
    "unnamed": lambda rows: pandas.Series(["a", "b"]),
    "dict": lambda rows: {"scores": [0.1, 0.2], "best": "b"},
    "list": lambda rows: [{"label": "a", "p": 0.25}, None],
    "none": lambda rows: None,
    "short": lambda rows: ["one answer for all"] if len(rows) > 1 else ["one"],
    "matrix": lambda rows: numpy.array([[1, 2], [3, 4]], dtype="int16"),
    "small": lambda rows: numpy.array([0.1, 0.2], dtype="float32"),
    "text": lambda rows: numpy.array(["no", "perhaps"]),
    "dates": lambda rows: pandas.DataFrame({"day": pandas.to_datetime(["2026-11-21"])}),
    "big": lambda rows: numpy.array([2**63 + 1], dtype="uint64"),
    "pid": lambda rows: [os.getpid()],
    "self": lambda rows: [{"user": os.getuid(), "groups": os.getgroups(), "home": os.environ["HOME"], "here": os.getcwd()}],
    "variables": lambda rows: sorted(os.environ),
}
SHAPES = ["frame", "series", "unnamed", "dict", "list", "none", "short", "matrix", "small", "text", "dates", "big"]


class Scaled(mlflow.pyfunc.PythonModel):
    """Multiplies by a parameter."""

    def predict(self, context, model_input, params=None):
        return model_input["x"] * params["factor"]


class Obedient(mlflow.pyfunc.PythonModel):
    """Does what the column `command` tells it to."""

    def predict(self, context, model_input, params=None):
        command = model_input["command"].iloc[0]
        if command in ANSWERS:
            return ANSWERS[command](model_input)
        if command == "together":
            if "refuse" in set(model_input["command"]):
                raise ValueError("no such customer")
            return [len(model_input)] * len(model_input)
        if command == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if command == "crash":
            ctypes.string_at(0)
        if command == "exit":
            os._exit(3)
        if command.startswith("wait for "):
            print(os.getpid(), flush=True)
            while not os.path.exists(command.removeprefix("wait for ")):
                time.sleep(0.01)
            return [os.getpid()]
        if command == "fork":
            child = subprocess.Popen(["sleep", "3600"])
            forked = os.fork()
            if forked == 0:
                # Holds on to all that it has inherited.
                time.sleep(3600)
            return [child.pid, forked]
        if command == "leak":
            LEAKED.append(b"x" * (16 << 20))
            return [os.getpid()]
        if command == "hoard":
            return [len(b"x" * (8 << 30))]
        if command == "say":
            print("from Python")
            os.write(2, b"from C\n")
        if command == "chatter":
            for line in range(100_000):
                print(f"line {line} of what nobody reads")
        if command == "hang":
            time.sleep(3600)
        if command == "hold":
            # For longer than anybody waits, and no other thread runs meanwhile.
            re.match(r"(a+)+$", "a" * 60 + "b")
        if command == "refuse":
            raise ValueError("no such customer")
        if command == "print":
            print("x" * 300_000)
        if command == "read":
            return pandas.Series([sys.stdin.read()], name="read")
        return model_input["command"].str.upper().tolist()


class Brittle(mlflow.pyfunc.PythonModel):
    """Ends its process over one row, and says no to another."""

    def predict(self, context, model_input, params=None):
        commands = list(model_input["command"])
        if "die" in commands:
            os.kill(os.getpid(), signal.SIGKILL)
        if "refuse" in commands:
            raise ValueError("no such customer")
        return pandas.DataFrame({"loud": [command.upper() for command in commands], "length": map(len, commands)})


class Unloadable(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        raise RuntimeError("the weights are gone")

    def predict(self, context, model_input, params=None):
        return model_input


def main(folder):
    data = load_breast_cancer(as_frame=True)
    rows, labels = data.data, data.target
    train_set = lightgbm.Dataset(rows, labels)
    booster = lightgbm.train({"objective": "binary", "verbose": -1}, train_set, num_boost_round=40)
    save_lightgbm(folder, "booster", booster, rows, booster.predict(rows))

    classifier = lightgbm.LGBMClassifier(n_estimators=10, verbose=-1).fit(rows, labels)
    mlflow.sklearn.save_model(
        classifier,
        f"{folder}/classifier",
        signature=infer_signature(rows, classifier.predict(rows)),
        serialization_format="cloudpickle",
        pip_requirements=[],
    )

    mixed = rows.iloc[:, :3].copy()
    mixed.loc[mixed.index[::7], "mean radius"] = numpy.nan
    mixed["city"] = pandas.Categorical(numpy.where(labels == 1, "rome", "oslo"))
    mixed["grade"] = pandas.Categorical((numpy.arange(len(labels)) % 3).astype("int64"))
    classes = labels + numpy.arange(len(labels)) % 2
    parameters = {"objective": "multiclass", "num_class": 3, "verbose": -1, "min_data_per_group": 5}
    categories = lightgbm.train(parameters, lightgbm.Dataset(mixed, classes), num_boost_round=8)
    # MLflow's pyfunc refuses categories ("Can not safely convert category"); LightGBM itself is the judge.
    predictions = categories.predict(mixed)
    signature = infer_signature(mixed, predictions)
    mlflow.lightgbm.save_model(categories, f"{folder}/categories", signature=signature, pip_requirements=[])
    write(folder, "categories", mixed.head(40), predictions[:40])

    matrix = rows.to_numpy()
    by_position = lightgbm.train({"objective": "regression", "verbose": -1}, lightgbm.Dataset(matrix, labels), 5)
    save_lightgbm(folder, "matrix", by_position, matrix, by_position.predict(matrix))

    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, labels)
    mlflow.sklearn.save_model(
        pipeline,
        f"{folder}/pipeline",
        signature=infer_signature(rows, pipeline.predict_proba(rows)),
        input_example=rows.head(2),
        pyfunc_predict_fn="predict_proba",
        serialization_format="cloudpickle",
        pip_requirements=[],
    )
    expect(folder, "pipeline", rows.head(20))

    onnx_models.save_all(folder, rows, labels, expect)
    xgboost_models.save_all(folder, rows, labels, expect)

    commands = pandas.DataFrame({"command": ["hello"]})
    signature = infer_signature(commands, ["HELLO"])
    mlflow.pyfunc.save_model(f"{folder}/obedient", python_model=Obedient(), signature=signature, pip_requirements=[])
    mlflow.pyfunc.save_model(f"{folder}/untyped", python_model=Obedient(), pip_requirements=[])
    with open(f"{folder}/shapes.json", "w") as file:
        json.dump({command: as_served(ANSWERS[command](commands)) for command in SHAPES}, file)
    save_more(folder, rows, labels)
    mlflow.pyfunc.save_model(f"{folder}/unloadable", python_model=Unloadable(), signature=signature, pip_requirements=[])
    loud = infer_signature(commands)
    mlflow.pyfunc.save_model(f"{folder}/brittle", python_model=Brittle(), signature=loud, pip_requirements=[])


def save_more(folder, rows, labels):
    """Models whose answers MLflow shapes in other ways."""
    names = numpy.where(labels == 1, "benign", "malignant")
    classifier = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, names)
    signature = infer_signature(rows, classifier.predict(rows))
    mlflow.sklearn.save_model(
        classifier, f"{folder}/names", signature=signature, serialization_format="cloudpickle", pip_requirements=[]
    )
    expect(folder, "names", rows.head(20), refused=rows.head(1).assign(**{"mean area": numpy.nan}))
    regressor = LinearRegression().fit(rows, rows["mean area"] * 2 + labels)
    signature = infer_signature(rows, regressor.predict(rows))
    mlflow.sklearn.save_model(
        regressor, f"{folder}/regressor", signature=signature, serialization_format="cloudpickle", pip_requirements=[]
    )
    expect(folder, "regressor", rows.head(20))
    save_mixed(folder, rows, labels)
    numbers = pandas.DataFrame({"x": [1.5, 2.0]})
    signature = infer_signature(numbers, [1.0], params={"factor": 3.0})
    mlflow.pyfunc.save_model(f"{folder}/scaled", python_model=Scaled(), signature=signature, pip_requirements=[])


def save_mixed(folder, rows, labels):
    """Pipelines that need a table: one picks columns of several types by name, the other looks at all rows at once."""
    mixed = rows[["mean area", "mean texture"]].assign(
        grade=numpy.arange(len(rows)) % 3, city=numpy.where(labels == 1, "rome", "oslo"))
    columns = ColumnTransformer([("city", OneHotEncoder(), ["city"])], remainder="passthrough")
    mixture = make_pipeline(columns, LinearRegression()).fit(mixed, labels)
    signature = infer_signature(mixed, mixture.predict(mixed))
    mlflow.sklearn.save_model(
        mixture, f"{folder}/mixed", signature=signature, serialization_format="cloudpickle", pip_requirements=[]
    )
    expect(folder, "mixed", mixed.head(20))
    narrow = rows.astype("float32")
    regressor = LinearRegression().fit(narrow, labels)
    signature = infer_signature(narrow, regressor.predict(narrow))
    mlflow.sklearn.save_model(
        regressor, f"{folder}/narrow", signature=signature, serialization_format="cloudpickle", pip_requirements=[]
    )
    expect(folder, "narrow", narrow.head(19))
    centred = make_pipeline(FunctionTransformer(lambda table: table - table.mean()), LinearRegression()).fit(rows, labels)
    signature = infer_signature(rows, centred.predict(rows))
    mlflow.sklearn.save_model(
        centred, f"{folder}/centred", signature=signature, serialization_format="cloudpickle", pip_requirements=[]
    )
    expect(folder, "centred", rows.head(20))


def as_served(answer):
    """What MLflow's scoring server writes as predictions."""
    text = io.StringIO()
    predictions_to_json(answer, text)
    return json.loads(text.getvalue())["predictions"]


def save_lightgbm(folder, name, booster, rows, predictions):
    signature = infer_signature(rows, predictions)
    mlflow.lightgbm.save_model(booster, f"{folder}/{name}", signature=signature, pip_requirements=[])
    expect(folder, name, rows[:40])


def expect(folder, name, rows, answers=None, refused=None):
    """Writes what MLflow's pyfunc answers, or other `answers` where it cannot, and in which words it refuses rows."""
    singles = refusal = None
    if answers is None:
        predict = mlflow.pyfunc.load_model(f"{folder}/{name}").predict
        answers = predict(rows)
        # Some libraries calculate a single row in another order, which shows in the last bit.
        singles = [jsonable(predict(rows[row : row + 1])) for row in range(8)]
    if refused is not None:
        try:
            predict(refused)
        except Exception as error:
            refusal = f"{type(error).__name__}: {error}".strip()
    write(folder, name, rows, answers, singles, refusal)


def write(folder, name, rows, answers, singles=None, refusal=None):
    columns = list(rows.columns) if isinstance(rows, pandas.DataFrame) else None
    cells = rows.astype(object).where(rows.notna(), None).values.tolist() if columns else rows.tolist()
    document = {"columns": columns, "data": cells, "predictions": jsonable(answers), "singles": singles, "refusal": refusal}
    with open(f"{folder}/{name}.json", "w") as file:
        json.dump(document, file, cls=NumpyEncoder)


def jsonable(answers):
    """The form in which MLflow's scoring server writes answers."""
    return _get_jsonable_obj(answers, pandas_orient="records")


main(sys.argv[1])
