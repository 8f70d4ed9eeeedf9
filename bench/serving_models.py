"""Trains the models that bench/serving asks: LightGBM of 100 trees with 31 leaves, and StandardScaler with LogisticRegression,
both over the same 30 columns. Runs in the peers' own Python.

    python serving_models.py FOLDER

Leaves `lightgbm/` and `sklearn/` in MLflow's layout, what MLServer wants beside each (`lightgbm.bst`, `sklearn.joblib`), and
`rows.json` with the columns, some rows and what each model answers for them.
"""

import json
import os
import sys
import warnings

import joblib
import lightgbm
import mlflow
import numpy
import pandas
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")
COLUMNS = [f"feature_{index:02}" for index in range(30)]
PACKAGES = [f"{name}=={module.__version__}" for name, module in (("lightgbm", lightgbm), ("numpy", numpy), ("pandas", pandas))]


def main(folder):
    numbers = numpy.random.default_rng(7)
    rows = pandas.DataFrame(numbers.normal(size=(5_000, len(COLUMNS))).round(4), columns=COLUMNS)
    labels = (rows.to_numpy() @ numbers.normal(size=len(COLUMNS)) + numbers.normal(size=len(rows)) > 0).astype(int)

    settings = {"objective": "binary", "num_leaves": 31, "verbose": -1}
    booster = lightgbm.train(settings, lightgbm.Dataset(rows, labels), num_boost_round=100)
    probabilities = booster.predict(rows)
    mlflow.lightgbm.save_model(
        booster, f"{folder}/lightgbm", signature=infer_signature(rows, probabilities), pip_requirements=PACKAGES)
    booster.save_model(f"{folder}/lightgbm.bst")

    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, labels)
    classes = pipeline.predict(rows)
    mlflow.sklearn.save_model(
        pipeline, f"{folder}/sklearn", signature=infer_signature(rows, classes), pip_requirements=PACKAGES,
        serialization_format="cloudpickle")
    joblib.dump(make_pipeline(StandardScaler(), LogisticRegression()).fit(rows.to_numpy(), labels), f"{folder}/sklearn.joblib")

    asked = range(8)
    answers = {"lightgbm": [float(probabilities[row]) for row in asked], "sklearn": [int(classes[row]) for row in asked]}
    library = os.path.join(os.path.dirname(lightgbm.__file__), "lib", "lib_lightgbm.so")
    with open(f"{folder}/rows.json", "w") as file:
        rows = rows.head(len(asked)).to_numpy().tolist()
        json.dump({"columns": COLUMNS, "rows": rows, "answers": answers, "library": library}, file)


if __name__ == "__main__":
    main(sys.argv[1])
