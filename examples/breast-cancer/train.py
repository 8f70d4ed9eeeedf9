"""Trains a logistic regression and boosted trees, registers both as versions of one model, and calls the better one on
the hold-out set champion. Plain MLflow code: it runs against any MLflow server."""

import json

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import mlflow
from mlflow.models import infer_signature
from sklearn.metrics import RocCurveDisplay

from data import TARGET, features, split
from models import log_dataset, scores, train_boosted, train_linear

MODEL = "breast-cancer"


def log_datasets(train):
    """What the model learns from; and as long as nothing has changed, what it is expected to be asked."""
    log_dataset(train, "breast-cancer-train")
    log_dataset(train, "breast-cancer-train", context="expected")


def main():
    train, held_out, _ = split()
    mlflow.set_experiment("breast-cancer")
    versions = {}

    with mlflow.start_run(run_name="logistic-regression"):
        log_datasets(train)
        model = train_linear(train)
        probability = model.predict_proba(features(held_out))[:, 1]
        info = mlflow.sklearn.log_model(
            model,
            name="model",
            signature=infer_signature(features(train), model.predict_proba(features(train))),
            input_example=features(train).head(2),
            pyfunc_predict_fn="predict_proba",
            registered_model_name=MODEL,
        )
        versions[info.registered_model_version] = report(held_out[TARGET], probability)

    with mlflow.start_run(run_name="boosted-trees"):
        log_datasets(train)
        model = train_boosted(train, held_out)
        probability = model.predict(features(held_out))
        info = mlflow.lightgbm.log_model(
            model,
            name="model",
            signature=infer_signature(features(train), model.predict(features(train))),
            input_example=features(train).head(2),
            registered_model_name=MODEL,
        )
        versions[info.registered_model_version] = report(held_out[TARGET], probability)

    ranked = sorted(versions, key=lambda version: versions[version]["held_out_log_loss"])
    client = mlflow.MlflowClient()
    client.set_registered_model_alias(MODEL, "champion", str(ranked[0]))
    client.set_registered_model_alias(MODEL, "runner-up", str(ranked[1]))
    print(json.dumps({"versions": versions, "champion": ranked[0]}))


def report(target, probability):
    """Logs the scores on the hold-out set and a figure of them."""
    result = scores(target, probability)
    mlflow.log_metrics(result)
    figure, axes = plt.subplots()
    RocCurveDisplay.from_predictions(target, probability, ax=axes)
    mlflow.log_figure(figure, "roc.png")
    plt.close(figure)
    return result


if __name__ == "__main__":
    main()
