"""LightGBM: boosters and the scikit-learn interface, logged, registered and loaded; autologging of curves."""

import lightgbm
import mlflow
import numpy
import pandas
from expecting import equal
from mlflow import MlflowClient
from mlflow.models import infer_signature
from sklearn.datasets import load_breast_cancer

client = MlflowClient()
mlflow.set_experiment("cancer")
features, labels = load_breast_cancer(return_X_y=True, as_frame=True)
settings = {"objective": "binary", "verbose": -1, "num_leaves": 7, "seed": 1, "metric": "binary_logloss"}
booster = lightgbm.train(settings, lightgbm.Dataset(features, labels), num_boost_round=5)
wanted = booster.predict(features)

with mlflow.start_run() as run:
    logged = mlflow.lightgbm.log_model(
        booster, name="booster", signature=infer_signature(features, wanted), registered_model_name="cancer")
equal(int(logged.registered_model_version), 1)
for uri in [logged.model_uri, f"runs:/{run.info.run_id}/booster", "models:/cancer/1"]:
    assert numpy.array_equal(mlflow.lightgbm.load_model(uri).predict(features), wanted), uri
assert numpy.array_equal(mlflow.pyfunc.load_model("models:/cancer/1").predict(features), wanted)

classifier = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(features, labels)
with mlflow.start_run():
    again = mlflow.lightgbm.log_model(classifier, name="classifier", registered_model_name="cancer")
equal(int(again.registered_model_version), 2)
loaded = mlflow.lightgbm.load_model("models:/cancer/2")
assert numpy.array_equal(loaded.predict(features), classifier.predict(features))

mlflow.lightgbm.autolog()
with mlflow.start_run() as run:
    held = lightgbm.Dataset(features[400:], labels[400:])
    lightgbm.train(
        settings, lightgbm.Dataset(features[:400], labels[:400]), num_boost_round=12, valid_sets=[held], valid_names=["held"])
mlflow.lightgbm.autolog(disable=True)
curve = client.get_metric_history(run.info.run_id, "held-binary_logloss")
equal([point.step for point in curve], list(range(12)))
assert curve[0].value > curve[-1].value
names = {found.path for found in client.list_artifacts(run.info.run_id)}
assert "feature_importance_gain.json" in names, names
equal(client.get_run(run.info.run_id).data.params["num_leaves"], "7")
assert isinstance(mlflow.search_logged_models(experiment_ids=[run.info.experiment_id]), pandas.DataFrame)
