"""How the two kinds of model are trained and judged; train.py and retrain.py share it."""

import lightgbm
import mlflow
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from data import SEED, TARGET, features

BOOSTING = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 7,
    "min_data_in_leaf": 10,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "seed": SEED,
    "deterministic": True,
    "num_threads": 1,
    "verbose": -1,
}
ROUNDS = 200


def log_dataset(frame, name, context="training"):
    """Keeps rows as an artifact and names them as the run's dataset, which monitors find by its context."""
    file = f"data/{context}.json"
    mlflow.log_table(features(frame), file)
    dataset = mlflow.data.from_pandas(frame, source=artifact_url(file), name=name, targets=TARGET)
    mlflow.log_input(dataset, context=context)


def artifact_url(path):
    """Where an artifact of the active run can be fetched: a source that MLflow's datasets understand."""
    server = f"{mlflow.get_tracking_uri()}/api/2.0/mlflow-artifacts/artifacts"
    return mlflow.get_artifact_uri(path).replace("mlflow-artifacts:", server, 1)


def train_boosted(train, held_out):
    """Boosted trees, with the loss of every round logged."""
    mlflow.log_params({**BOOSTING, "rounds": ROUNDS})

    def log_losses(environment):
        losses = {f"{name}_{metric}": value for name, metric, value, _ in environment.evaluation_result_list}
        mlflow.log_metrics(losses, step=environment.iteration)

    training = lightgbm.Dataset(features(train), train[TARGET])
    return lightgbm.train(
        BOOSTING,
        training,
        ROUNDS,
        valid_sets=[training, lightgbm.Dataset(features(held_out), held_out[TARGET], reference=training)],
        valid_names=["train", "held_out"],
        callbacks=[log_losses],
    )


def train_linear(train):
    """Scaled measurements into a logistic regression; one step for each strength of regularisation tried."""
    losses = {}
    for step, strength in enumerate([0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]):
        folds = cross_val_score(linear(strength), features(train), train[TARGET], scoring="neg_log_loss")
        losses[strength] = -folds.mean()
        mlflow.log_metrics({"cross_validated_log_loss": losses[strength], "C": strength}, step=step)
    best = min(losses, key=losses.get)
    mlflow.log_params({"model": "logistic regression", "C": best, "scaling": "standard"})
    return linear(best).fit(features(train), train[TARGET])


def linear(strength):
    return make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000))


def scores(target, probability):
    return {
        "held_out_log_loss": float(log_loss(target, probability)),
        "held_out_auc": float(roc_auc_score(target, probability)),
        "held_out_accuracy": float(accuracy_score(target, np.asarray(probability) > 0.5)),
    }
