"""Trains the models that the tests run, and writes what MLflow's own pyfunc answers for each.

    python models.py FOLDER
"""

import json
import os
import signal
import sys
import time
import warnings

import lightgbm
import mlflow
import numpy
import pandas
from mlflow.models import infer_signature
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")


class Obedient(mlflow.pyfunc.PythonModel):
    """Does what the column `command` tells it to."""

    def predict(self, context, model_input, params=None):
        command = model_input["command"].iloc[0]
        if command == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if command == "hang":
            time.sleep(3600)
        if command == "refuse":
            raise ValueError("no such customer")
        if command == "print":
            print("x" * 300_000)
        if command == "read":
            return pandas.Series([sys.stdin.read()], name="read")
        if command == "frame":
            return pandas.DataFrame({"label": ["a", None], "score": [0.5, float("nan")]})
        return model_input["command"].str.upper().tolist()


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
    mlflow.lightgbm.save_model(categories, f"{folder}/categories", signature=infer_signature(mixed, predictions))
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
    )
    expect(folder, "pipeline", rows.head(20))

    commands = pandas.DataFrame({"command": ["hello"]})
    signature = infer_signature(commands, ["HELLO"])
    mlflow.pyfunc.save_model(f"{folder}/obedient", python_model=Obedient(), signature=signature)
    mlflow.pyfunc.save_model(f"{folder}/untyped", python_model=Obedient())
    mlflow.pyfunc.save_model(f"{folder}/unloadable", python_model=Unloadable(), signature=signature)


def save_lightgbm(folder, name, booster, rows, predictions):
    mlflow.lightgbm.save_model(booster, f"{folder}/{name}", signature=infer_signature(rows, predictions))
    expect(folder, name, rows[:40])


def expect(folder, name, rows):
    write(folder, name, rows, mlflow.pyfunc.load_model(f"{folder}/{name}").predict(rows))


def write(folder, name, rows, answers):
    columns = list(rows.columns) if isinstance(rows, pandas.DataFrame) else None
    cells = rows.astype(object).where(rows.notna(), None).values.tolist() if columns else rows.tolist()
    with open(f"{folder}/{name}.json", "w") as file:
        json.dump({"columns": columns, "data": cells, "predictions": answers.tolist()}, file)


main(sys.argv[1])
