"""Fills the tracking store at MLFLOW_TRACKING_URI with some of everything, through the client."""

import math
import os
import pathlib
import tempfile

import fill_traces
from mlflow import MlflowClient
from mlflow.entities import (
    Dataset, DatasetInput, InputTag, LoggedModelInput, LoggedModelOutput, Metric, Param, RunTag,
)

client = MlflowClient()
START = 1_700_000_000_000


def artifact(folder, name, content):
    path = pathlib.Path(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def full_run(experiment, name):
    run = client.create_run(experiment, start_time=START + 123, run_name=name, tags={"größe/a": "groß", "empty": ""})
    run_id = run.info.run_id
    points = [Metric("loss", 1 / (step + 1), START + step, step) for step in range(300)]
    odd = [("odd/nan", math.nan), ("odd/inf", math.inf), ("odd/negative", -math.inf), ("tiny", 5e-324), ("one", 1.0)]
    points += [Metric(key, value, START + 7, -3) for key, value in odd]
    client.log_batch(
        run_id, metrics=points, params=[Param("depth", "3"), Param("long/p", "x" * 6000)],
        tags=[RunTag("note", "two\nlines\n"), RunTag("mlflow.note.content", "# How")],
    )
    dataset = Dataset("rows", "abc123", "local", '{"uri": "rows.csv"}', '{"columns": []}', '{"num_rows": 3}')
    client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])
    with tempfile.TemporaryDirectory() as folder:
        artifact(folder, "notes.txt", b"hello\n")
        artifact(folder, "deep/er/empty.bin", b"")
        artifact(folder, "deep/bär 1.bin", bytes(range(256)) * 3000)
        client.log_artifacts(run_id, folder)
    return run_id


def logged_model(experiment, run_id, name):
    model = client.create_logged_model(
        experiment, name=name, source_run_id=run_id, tags={"stage": "try"}, params={"k": "v"}, model_type="classifier",
    )
    with tempfile.TemporaryDirectory() as folder:
        artifact(folder, "MLmodel", b"flavors: {}\n")
        artifact(folder, "data/weights.bin", os.urandom(1000))
        client.log_model_artifacts(model.model_id, folder)
    client.finalize_logged_model(model.model_id, "READY")
    client.log_outputs(run_id, [LoggedModelOutput(model.model_id, 2)])
    client.log_metric(run_id, "auc", 0.75, timestamp=START + 9, step=1, model_id=model.model_id)
    return model.model_id


first = client.create_experiment("first", tags={"team": "growth"})
run_id = full_run(first, "one")
model_id = logged_model(first, run_id, "classifier")
client.set_terminated(run_id, "FINISHED", end_time=START + 5000)
failed = client.create_run(first, start_time=START, run_name="two").info.run_id
client.log_inputs(failed, models=[LoggedModelInput(model_id)])
client.set_terminated(failed, "FAILED", end_time=START + 1)
removed = full_run(first, "removed")
client.delete_run(removed)
client.create_run(first, start_time=START + 1, run_name="goes on")

gone = client.create_experiment("gone", tags={"why": "test"})
full_run(gone, "of gone")
client.delete_experiment(gone)
client.create_run("0", start_time=START, run_name="by default")

client.create_registered_model("churn", tags={"owner": "ann"}, description="Who leaves")
version = client.create_model_version("churn", f"models:/{model_id}", run_id=run_id, model_id=model_id, tags={"a": "b"})
client.update_model_version("churn", version.version, "The first")
artifact_uri = client.get_run(run_id).info.artifact_uri
client.create_model_version("churn", f"{artifact_uri}/deep", run_id=run_id)
client.create_model_version("churn", f"runs:/{run_id}/deep", run_id=run_id)
client.create_model_version("churn", "s3://bucket/model")
client.delete_model_version("churn", "2")
client.transition_model_version_stage("churn", "1", "Staging")
client.set_registered_model_alias("churn", "champion", "3")
client.set_registered_model_alias("churn", "old", "1")
client.create_registered_model("it's empty")
client.register_prompt("greeting", "Hello {{name}}") if hasattr(client, "register_prompt") else None
fill_traces.fill(first, failed, links=not os.environ["MLFLOW_TRACKING_URI"].startswith("file:"))
