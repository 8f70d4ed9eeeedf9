"""scikit-learn: autologged, logged with a signature, registered, and loaded by every kind of URI."""

import mlflow
import numpy
from expecting import equal
from mlflow import MlflowClient
from mlflow.models import infer_signature
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

client = MlflowClient()
mlflow.set_experiment("iris")
features, labels = load_iris(return_X_y=True, as_frame=True)
model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200)).fit(features, labels)
wanted = model.predict(features)

with mlflow.start_run() as run:
    mlflow.log_metric("accuracy", float((wanted == labels).mean()))
    logged = mlflow.sklearn.log_model(
        model, name="model", signature=infer_signature(features, wanted), input_example=features.head(2),
        params={"depth": "1"}, registered_model_name="iris")
run_id = run.info.run_id
found = mlflow.get_logged_model(logged.model_id)
equal((found.status.name, found.source_run_id, found.name), ("READY", run_id, "model"))
equal(found.params, {"depth": "1"})
equal([(metric.key, metric.run_id) for metric in found.metrics], [("accuracy", run_id)])
equal([output.model_id for output in client.get_run(run_id).outputs.model_outputs], [logged.model_id])

version = client.get_model_version("iris", "1")
equal((version.source, version.run_id), (f"models:/{logged.model_id}", run_id))
client.set_registered_model_alias("iris", "champion", "1")
client.transition_model_version_stage("iris", "1", "Production")
uris = [
    f"models:/{logged.model_id}", f"runs:/{run_id}/model", "models:/iris/1", "models:/iris@champion", "models:/iris/latest",
    "models:/iris/Production", logged.model_uri, found.artifact_location,
]
for uri in uris:
    loaded = mlflow.sklearn.load_model(uri)
    assert numpy.array_equal(loaded.predict(features), wanted), uri
served = mlflow.pyfunc.load_model("models:/iris@champion")
assert numpy.array_equal(served.predict(features), wanted)
equal(served.metadata.signature, infer_signature(features, wanted))
equal(mlflow.models.get_model_info("models:/iris/1").model_id, logged.model_id)

# Registered afterwards, by its URI in the run and as a logged model.
equal(mlflow.register_model(f"runs:/{run_id}/model", "again").version, "1")
equal(mlflow.register_model(logged.model_uri, "again").version, "2")
assert numpy.array_equal(mlflow.sklearn.load_model("models:/again/1").predict(features), wanted)
copied = client.copy_model_version("models:/iris@champion", "copy")
equal((copied.version, copied.run_id), ("1", run_id))
assert numpy.array_equal(mlflow.sklearn.load_model("models:/copy/1").predict(features), wanted)

mlflow.sklearn.autolog()
with mlflow.start_run() as run:
    LogisticRegression(max_iter=300).fit(features, labels)
mlflow.sklearn.autolog(disable=True)
data = client.get_run(run.info.run_id).data
equal(data.params["max_iter"], "300")
assert "training_accuracy_score" in data.metrics, data.metrics
assert client.get_run(run.info.run_id).inputs.dataset_inputs
automatic = mlflow.search_logged_models(
    experiment_ids=[run.info.experiment_id], filter_string=f"source_run_id = '{run.info.run_id}'", output_format="list")
equal(len(automatic), 1)
equal(len(mlflow.sklearn.load_model(automatic[0].model_uri).predict(features)), len(labels))
