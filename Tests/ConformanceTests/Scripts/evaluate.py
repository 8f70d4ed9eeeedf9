"""Evaluating classical models: metrics, plots and tables of the default evaluator by value, thresholds, own metrics; and
what autologging leaves of fits, searches over grids and boosted trees."""

import json
import warnings

import lightgbm
import matplotlib.image
import mlflow
import numpy
import pandas
from expecting import equal
from mlflow import MlflowClient
from mlflow.models import MetricThreshold, infer_signature, make_metric
from sklearn import metrics
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore")
client = MlflowClient()
experiment = mlflow.set_experiment("evaluate").experiment_id
plain = {"log_model_explainability": False, "log_explainer": False}


def close(found, wanted):
    assert numpy.isclose(found, wanted, rtol=1e-12), f"found {found!r}, wanted {wanted!r}"


def files(run_id, path=None):
    return sorted(item.path for item in client.list_artifacts(run_id, path))


def logged(model, features, **more):
    signature = infer_signature(features, model.predict(features))
    return mlflow.sklearn.log_model(model, name="model", signature=signature, **more)


# A classifier of two classes.
features, labels = load_breast_cancer(return_X_y=True, as_frame=True)
model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200)).fit(features[:400], labels[:400])
held = features[400:].assign(label=labels[400:].astype(float))
with mlflow.start_run() as run:
    info = logged(model, features)
    result = mlflow.models.evaluate(
        info.model_uri, mlflow.data.from_pandas(held, targets="label", name="held"), model_type="classifier",
        evaluator_config=plain)
guesses, chances = model.predict(features[400:]), model.predict_proba(features[400:])[:, 1]
matrix = metrics.confusion_matrix(labels[400:], guesses)
wanted = {
    "accuracy_score": metrics.accuracy_score(labels[400:], guesses), "example_count": 169,
    "f1_score": metrics.f1_score(labels[400:], guesses), "log_loss": metrics.log_loss(labels[400:], chances),
    "precision_score": metrics.precision_score(labels[400:], guesses),
    "recall_score": metrics.recall_score(labels[400:], guesses),
    "roc_auc": metrics.roc_auc_score(labels[400:], chances), "true_negatives": matrix[0, 0],
    "false_positives": matrix[0, 1], "false_negatives": matrix[1, 0], "true_positives": matrix[1, 1],
}
found = client.get_run(run.info.run_id)
for key, value in wanted.items():
    close(found.data.metrics[key], value)
    close(result.metrics[key], value)
equal(set(found.data.metrics), set(result.metrics))
equal([item.dataset.name for item in found.inputs.dataset_inputs], ["held"])
plots = ["calibration_curve_plot", "confusion_matrix", "lift_curve_plot", "precision_recall_curve_plot", "roc_curve_plot"]
equal(sorted(result.artifacts), plots)
equal([path for path in files(run.info.run_id) if path.endswith(".png")], [f"{plot}.png" for plot in plots])
for plot in plots:
    picture = matplotlib.image.imread(client.download_artifacts(run.info.run_id, f"{plot}.png"))
    assert min(picture.shape[:2]) > 100, plot
    equal(result.artifacts[plot].uri, f"{run.info.artifact_uri}/{plot}.png")

# What was measured is known of the model too, and of which data.
measured = {metric.key: metric for metric in mlflow.get_logged_model(info.model_id).metrics}
close(measured["roc_auc"].value, wanted["roc_auc"])
equal((measured["roc_auc"].dataset_name, measured["roc_auc"].run_id), ("held", run.info.run_id))
best = mlflow.search_logged_models(
    [experiment], filter_string="metrics.roc_auc > 0.9", datasets=[{"dataset_name": "held"}], output_format="list")
equal([model.model_id for model in best], [info.model_id])

# Three classes, by the name of the column and with a prefix.
features, labels = load_iris(return_X_y=True, as_frame=True)
model = LogisticRegression(max_iter=300).fit(features, labels)
with mlflow.start_run() as run:
    result = mlflow.models.evaluate(
        logged(model, features).model_uri, features.assign(kind=labels), targets="kind", model_type="classifier",
        evaluator_config={**plain, "metric_prefix": "train_"})
close(client.get_run(run.info.run_id).data.metrics["train_f1_score"],
      metrics.f1_score(labels, model.predict(features), average="weighted"))
table = pandas.read_csv(client.download_artifacts(run.info.run_id, "per_class_metrics.csv"))
equal(table["positive_class"].tolist(), [0, 1, 2])
equal(table["true_positives"].tolist(), metrics.confusion_matrix(labels, model.predict(features)).diagonal().tolist())

# A regressor, with a metric and a table of one's own, against thresholds and a baseline.
features, target = load_diabetes(return_X_y=True, as_frame=True)
model = LinearRegression().fit(features, target)
middle = make_metric(
    eval_fn=lambda predictions, targets, metrics: numpy.median(abs(predictions - targets)), greater_is_better=False,
    name="middle_error")


def rows(eval_df, builtin_metrics, artifacts_dir):
    eval_df.head(3).to_csv(f"{artifacts_dir}/rows.csv", index=False)
    return {"rows": f"{artifacts_dir}/rows.csv", "note": {"count": len(eval_df)}}


with mlflow.start_run() as run:
    better = logged(model, features)
    result = mlflow.models.evaluate(
        better.model_uri, features.assign(target=target), targets="target", model_type="regressor",
        extra_metrics=[middle], custom_artifacts=[rows], evaluator_config=plain)
guesses = model.predict(features)
found = client.get_run(run.info.run_id).data.metrics
for key, value in {
    "mean_squared_error": metrics.mean_squared_error(target, guesses),
    "mean_absolute_error": metrics.mean_absolute_error(target, guesses), "r2_score": metrics.r2_score(target, guesses),
    "max_error": metrics.max_error(target, guesses), "middle_error": metrics.median_absolute_error(target, guesses),
    "root_mean_squared_error": metrics.root_mean_squared_error(target, guesses),
    "mean_on_target": target.mean(), "sum_on_target": target.sum(), "example_count": len(target),
}.items():
    close(found[key], value)
kept = pandas.read_csv(client.download_artifacts(run.info.run_id, "rows.csv"))
assert numpy.allclose(kept["prediction"], guesses[:3]) and kept["target"].tolist() == target[:3].tolist()
equal(json.load(open(client.download_artifacts(run.info.run_id, "note.json"))), {"count": len(target)})
equal(result.artifacts["note"].content, {"count": len(target)})

with mlflow.start_run():
    worse = mlflow.models.evaluate(
        logged(LinearRegression().fit(features[["age"]], target), features[["age"]]).model_uri,
        features[["age"]].assign(target=target), targets="target", model_type="regressor", evaluator_config=plain)
threshold = MetricThreshold(threshold=0.4, min_absolute_change=0.05, greater_is_better=True)
mlflow.validate_evaluation_results(
    candidate_result=result, baseline_result=worse, validation_thresholds={"r2_score": threshold})
try:
    mlflow.validate_evaluation_results(
        candidate_result=worse, baseline_result=result, validation_thresholds={"r2_score": threshold})
    raise AssertionError("the worse model passed")
except mlflow.models.evaluation.validation.ModelValidationFailedException as failure:
    assert "r2_score" in str(failure)

# Predictions that are there already, and a function.
static = pandas.DataFrame({"guess": [1.0, 2.0, 4.0], "truth": [1.0, 2.0, 3.0]})
with mlflow.start_run() as run:
    mlflow.models.evaluate(data=static, targets="truth", predictions="guess", model_type="regressor")
close(client.get_run(run.info.run_id).data.metrics["mean_absolute_error"], 1 / 3)
with mlflow.start_run() as run:
    mlflow.models.evaluate(
        lambda frame: frame["guess"] * 2, static, targets="truth", model_type="regressor", evaluator_config=plain)
close(client.get_run(run.info.run_id).data.metrics["mean_squared_error"], (1 + 4 + 25) / 3)

# Autologging of a fit: params, metrics of training, plots, the model and its data; then a metric of what came after.
features, labels = load_iris(return_X_y=True, as_frame=True)
mlflow.sklearn.autolog(log_datasets=True, log_input_examples=True)
with mlflow.start_run() as run:
    model = LogisticRegression(max_iter=300, C=0.5).fit(features[::2], labels[::2])
    model.score(features[1::2], labels[1::2])
    metrics.accuracy_score(labels[1::2], model.predict(features[1::2]))
found = client.get_run(run.info.run_id)
equal((found.data.params["C"], found.data.params["solver"]), ("0.5", "lbfgs"))
close(found.data.metrics["training_accuracy_score"], metrics.accuracy_score(labels[::2], model.predict(features[::2])))
score = (model.predict(features[1::2]) == labels[1::2]).mean()
after = {key: value for key, value in found.data.metrics.items() if not key.startswith("training_")}
equal(len(after), 2)
for value in after.values():
    close(value, score)
equal(found.data.tags["estimator_name"], "LogisticRegression")
assert {"estimator.html", "metric_info.json", "training_confusion_matrix.png"} <= set(files(run.info.run_id))
uses = {tag.value for item in found.inputs.dataset_inputs for tag in item.tags}
assert "train" in uses, uses
[kept] = mlflow.search_logged_models(
    [experiment], filter_string=f"source_run_id = '{run.info.run_id}'", output_format="list")
assert numpy.array_equal(mlflow.sklearn.load_model(f"models:/{kept.model_id}").predict(features), model.predict(features))
equal(mlflow.models.Model.load(f"models:/{kept.model_id}").signature.inputs.input_names(), list(features.columns))

# A search over a grid: one run for the search, one below it for each of the best candidates.
with mlflow.start_run() as run:
    search = GridSearchCV(LogisticRegression(max_iter=300), {"C": [0.01, 0.1, 1.0]}, cv=3).fit(features, labels)
mlflow.sklearn.autolog(disable=True)
parent = client.get_run(run.info.run_id)
equal((parent.data.params["best_C"], parent.data.params["cv"]), (str(search.best_params_["C"]), "3"))
close(parent.data.metrics["best_cv_score"], search.best_score_)
assert "cv_results.csv" in files(run.info.run_id), files(run.info.run_id)
table = pandas.read_csv(client.download_artifacts(run.info.run_id, "cv_results.csv"))
assert numpy.allclose(table["mean_test_score"], search.cv_results_["mean_test_score"])
children = client.search_runs(
    [experiment], f"tags.`mlflow.parentRunId` = '{run.info.run_id}'", order_by=["metrics.mean_test_score DESC"])
equal([child.info.status for child in children], ["FINISHED"] * 3)
equal(sorted(child.data.params["C"] for child in children), ["0.01", "0.1", "1.0"])
close(children[0].data.metrics["mean_test_score"], search.best_score_)
[kept] = [
    model for model in mlflow.search_logged_models(
        [experiment], filter_string=f"source_run_id = '{run.info.run_id}'", output_format="list")
    if model.name == "best_estimator"]
assert numpy.array_equal(mlflow.sklearn.load_model(f"models:/{kept.model_id}").predict(features), search.predict(features))

# Boosted trees, through the interface of scikit-learn, with early stopping.
features, labels = load_breast_cancer(return_X_y=True, as_frame=True)
mlflow.lightgbm.autolog()
with mlflow.start_run() as run:
    booster = lightgbm.LGBMClassifier(n_estimators=40, num_leaves=7, verbose=-1).fit(
        features[:400], labels[:400], eval_set=[(features[400:], labels[400:])],
        callbacks=[lightgbm.early_stopping(3, verbose=False)])
mlflow.lightgbm.autolog(disable=True)
found = client.get_run(run.info.run_id)
equal(found.data.params["num_leaves"], "7")
curve = [metric.value for metric in client.get_metric_history(run.info.run_id, "valid_0-binary_logloss")]
wanted = booster.evals_result_["valid_0"]["binary_logloss"]
equal((len(curve), curve[: len(wanted)]), (len(wanted) + 1, wanted))
equal(found.data.metrics["best_iteration"], booster.best_iteration_)
assert "feature_importance_split.png" in files(run.info.run_id)
importance = json.load(open(client.download_artifacts(run.info.run_id, "feature_importance_split.json")))
equal(importance, dict(zip(booster.booster_.feature_name(), booster.booster_.feature_importance().tolist())))
