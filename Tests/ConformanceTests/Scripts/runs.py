"""Runs in the way people write them: with the fluent API, nested, resumed, failed, in threads and asynchronously."""

import math

import mlflow
import pandas
from expecting import equal, refused
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

client = MlflowClient()
mlflow.set_experiment("runs")

with mlflow.start_run(run_name="first", tags={"stage": "try"}, description="How it began") as run:
    mlflow.log_param("depth", 3)
    mlflow.log_params({"rate": 0.1, "names": ["a", "b"], "none": None})
    for step in range(5):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_metrics({"auc": 0.75, "nan": math.nan, "inf": math.inf, "negative/inf": -math.inf}, step=4)
    mlflow.set_tags({"owner": "ann", "größe": "groß"})
    with mlflow.start_run(nested=True) as child:
        mlflow.log_metric("inner", 1)
first = run.info.run_id

found = client.get_run(first)
equal(found.info.run_name, "first")
equal(found.info.status, "FINISHED")
assert found.info.end_time >= found.info.start_time > 1_700_000_000_000
equal(found.info.artifact_uri, f"mlflow-artifacts:/{found.info.experiment_id}/{first}/artifacts")
equal(found.data.params, {"depth": "3", "rate": "0.1", "names": "['a', 'b']", "none": "None"})
equal(found.data.metrics["loss"], 0.2)
assert math.isnan(found.data.metrics["nan"])
equal(found.data.metrics["inf"], 1.7976931348623157e308)
equal(found.data.metrics["negative/inf"], -1.7976931348623157e308)
equal((found.data.tags["owner"], found.data.tags["größe"]), ("ann", "groß"))
equal(found.data.tags["mlflow.note.content"], "How it began")
equal(client.get_run(child.info.run_id).data.tags["mlflow.parentRunId"], first)
equal(client.get_parent_run(child.info.run_id).info.run_id, first)

history = client.get_metric_history(first, "loss")
equal([point.value for point in history], [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5])
equal([point.step for point in history], list(range(5)))
equal(client.get_metric_history(first, "nothing"), [])

# Resumed, renamed, and ended by an exception.
with mlflow.start_run(run_id=first):
    mlflow.log_metric("loss", 0.1, step=5)
client.update_run(first, name="renamed")
equal(client.get_run(first).data.tags["mlflow.runName"], "renamed")
try:
    with mlflow.start_run(run_name="bad") as bad:
        raise ValueError("as it happens")
except ValueError:
    pass
equal(client.get_run(bad.info.run_id).info.status, "FAILED")
client.set_terminated(bad.info.run_id, "KILLED")
equal(client.get_run(bad.info.run_id).info.status, "KILLED")

# Params are written once; a batch is all or nothing.
with refused("INVALID_PARAMETER_VALUE", "Changing param values is not allowed"):
    client.log_batch(first, params=[Param("depth", "4")], metrics=[Metric("never", 1, 1, 0)])
assert "never" not in client.get_run(first).data.metrics
client.log_param(first, "depth", 3)

# More than one request takes: the client splits, and pages through the history.
many = client.create_run(found.info.experiment_id).info.run_id
client.log_batch(
    many, metrics=[Metric("m", step / 7, step, step) for step in range(1000)],
)
mlflow.log_metrics({f"k{number}": number for number in range(1500)}, run_id=many)
with mlflow.start_run(run_id=many):
    mlflow.log_params({f"p{number}": number for number in range(250)})
    mlflow.set_tags({f"t{number}": number for number in range(250)})
stored = client.get_run(many).data
equal((len(stored.metrics), len(stored.params)), (1501, 250))
equal([point.value for point in client.get_metric_history(many, "m")], [step / 7 for step in range(1000)])

# Written side by side by the client's own threads.
with mlflow.start_run(run_name="asynchronous") as run:
    for step in range(200):
        mlflow.log_metric("m", step, step=step, synchronous=False)
    mlflow.log_params({"a": 1, "b": 2}, synchronous=False)
    mlflow.set_tag("t", "1", synchronous=False)
    mlflow.flush_async_logging()
equal(len(client.get_metric_history(run.info.run_id, "m")), 200)
equal(client.get_run(run.info.run_id).data.params, {"a": "1", "b": "2"})

client.set_tag(first, "gone", "soon")
client.delete_tag(first, "gone")
assert "gone" not in client.get_run(first).data.tags
with refused("RESOURCE_DOES_NOT_EXIST", "gone"):
    client.delete_tag(first, "gone")
client.log_batch(first, tags=[RunTag("mlflow.runName", "by tag")])
equal(client.get_run(first).info.run_name, "by tag")

client.delete_run(first)
with refused("INVALID_PARAMETER_VALUE", "must be in the 'active' state"):
    client.log_metric(first, "loss", 1)
client.restore_run(first)
client.log_metric(first, "loss", 1)

frame = mlflow.search_runs(experiment_names=["runs"], filter_string="params.depth = '3'")
assert isinstance(frame, pandas.DataFrame)
equal(list(frame["run_id"]), [first])
equal(list(frame["metrics.auc"]), [0.75])
