"""A server that asks for a token: the client carries it with every kind of request, in each way that it knows."""

import os
import pathlib
import tempfile

import mlflow
from expecting import equal, refused
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts

client = MlflowClient()
token = os.environ["MLFLOW_TRACKING_TOKEN"]


def journey():
    """Tracking, the registry and files both ways."""
    run = client.create_run("0").info
    client.log_metric(run.run_id, "m", 1)
    client.log_text(run.run_id, "hello", "a/b.txt")
    equal([found.path for found in client.list_artifacts(run.run_id, "a")], ["a/b.txt"])
    folder = tempfile.mkdtemp()
    there = download_artifacts(run_id=run.run_id, artifact_path="a/b.txt", dst_path=folder)
    equal(pathlib.Path(there).read_text(), "hello")
    client.create_registered_model(f"of {run.run_id}")
    client.create_model_version(f"of {run.run_id}", f"{run.artifact_uri}/a", run_id=run.run_id)
    return run


run = journey()
del os.environ["MLFLOW_TRACKING_TOKEN"]
os.environ.update(MLFLOW_TRACKING_USERNAME="ann", MLFLOW_TRACKING_PASSWORD=token)
journey()

os.environ["MLFLOW_TRACKING_PASSWORD"] = token + "x"
with refused("UNAUTHENTICATED"):
    client.get_run(run.run_id)
del os.environ["MLFLOW_TRACKING_USERNAME"], os.environ["MLFLOW_TRACKING_PASSWORD"]
with refused("UNAUTHENTICATED"):
    client.create_run("0")
with refused("UNAUTHENTICATED"):
    mlflow.search_registered_models()
