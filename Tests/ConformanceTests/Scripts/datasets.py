"""Datasets: logged as inputs, found by name, digest and context."""

import mlflow
import numpy
import pandas
from expecting import equal
from mlflow import MlflowClient

client = MlflowClient()
experiment = mlflow.set_experiment("datasets").experiment_id
frame = pandas.DataFrame({"age": [31, 45], "left": [False, True], "name": ["a", "b"], "rate": [0.5, numpy.nan]})
training = mlflow.data.from_pandas(frame, source="https://example.org/churn.csv", name="churn", targets="left")
evaluation = mlflow.data.from_numpy(numpy.arange(6).reshape(3, 2), name="eval")

with mlflow.start_run(run_name="one") as run:
    mlflow.log_input(training, context="training", tags={"split": "80"})
    mlflow.log_input(evaluation, context="eval")
    mlflow.log_input(training, context="again")
with mlflow.start_run(run_name="two"):
    mlflow.log_input(training, context="training")

inputs = {found.dataset.name: found for found in client.get_run(run.info.run_id).inputs.dataset_inputs}
equal(set(inputs), {"churn", "eval"})
churn = inputs["churn"]
equal(churn.dataset.digest, training.digest)
equal(churn.dataset.source_type, "http")
equal({tag.key: tag.value for tag in churn.tags}, {"mlflow.data.context": "training", "split": "80"})
source = mlflow.data.get_source(churn)
equal(source.url, "https://example.org/churn.csv")
equal(churn.dataset.profile, training.to_dict()["profile"])


def names(filter_string):
    return sorted(run.info.run_name for run in client.search_runs([experiment], filter_string))


equal(names("dataset.name = 'churn'"), ["one", "two"])
equal(names(f"dataset.digest = '{evaluation.digest}'"), ["one"])
equal(names("dataset.context = 'training'"), ["one", "two"])
equal(names("dataset.context = 'again'"), [])
equal(names("dataset.name LIKE 'ev%'"), ["one"])
