"""The commands `mlflow experiments`, `mlflow runs` and `mlflow artifacts`, one of them as a process of its own."""

import csv
import io
import json
import pathlib
import subprocess
import sys

from click.testing import CliRunner
from expecting import equal
from mlflow import MlflowClient
from mlflow.cli import cli
from mlflow.exceptions import RestException

client = MlflowClient()


def mlflow(*words):
    """What a command prints; it must end well."""
    result = CliRunner().invoke(cli, words)
    assert result.exit_code == 0, f"{words}: {result.output}{result.exception!r}"
    return result.stdout


def record(*words):
    """What a command prints as JSON, behind what the client says of the run."""
    printed = mlflow(*words)
    return json.loads(printed[printed.index("{"):])


def refused(*words, code):
    result = CliRunner().invoke(cli, words)
    assert isinstance(result.exception, RestException), f"{words}: {result.output}{result.exception!r}"
    equal(result.exception.error_code, code)


def cells(table):
    """The rows of a table below its header and its rule."""
    return [line.split() for line in table.splitlines()[2:] if line.strip()]


# Experiments.
process = subprocess.run(
    [sys.executable, "-m", "mlflow", "experiments", "create", "-n", "shop"], capture_output=True, text=True)
equal((process.returncode, process.stdout), (0, "Created experiment 'shop' with id 1\n"))
assert "with id 2" in mlflow("experiments", "create", "-n", "other", "-l", "s3://bucket/place")
equal(
    cells(mlflow("experiments", "search")),
    [["0", "Default", "mlflow-artifacts:/0"], ["1", "shop", "mlflow-artifacts:/1"], ["2", "other", "s3://bucket/place"]])
equal(len(cells(mlflow("experiments", "search", "--max-results", "2"))), 2)
equal(record("experiments", "get", "-n", "shop", "--output", "json")["experiment_id"], "1")
assert "Lifecycle Stage" in mlflow("experiments", "get", "-x", "0")
mlflow("experiments", "delete", "-x", "2")
refused("experiments", "delete", "-x", "2", code="RESOURCE_DOES_NOT_EXIST")
equal([row[1] for row in cells(mlflow("experiments", "search", "--view", "deleted_only"))], ["other"])
equal(len(cells(mlflow("experiments", "search", "--view", "all"))), 3)
mlflow("experiments", "restore", "-x", "2")
mlflow("experiments", "rename", "-x", "2", "--new-name", "another")
equal(client.get_experiment("2").name, "another")
refused("experiments", "create", "-n", "shop", code="RESOURCE_ALREADY_EXISTS")

# Runs.
parent = record("runs", "create", "--experiment-id", "1", "--run-name", "parent", "--description", "all of it")
child = record(
    "runs", "create", "--experiment-name", "shop", "--run-name", "child", "-t", "a=b", "-t", "c=d=e", "--status", "FAILED",
    "--parent-run-id", parent["run_id"])
run = record("runs", "describe", "--run-id", child["run_id"])
equal((run["info"]["run_name"], run["info"]["status"], run["info"]["experiment_id"]), ("child", "FAILED", "1"))
equal((run["data"]["tags"]["c"], run["data"]["tags"]["mlflow.parentRunId"]), ("d=e", parent["run_id"]))
equal({row[-2] for row in cells(mlflow("runs", "list", "--experiment-id", "1"))}, {"parent", "child"})
mlflow("runs", "delete", "--run-id", child["run_id"])
equal([row[-1] for row in cells(mlflow("runs", "list", "--experiment-id", "1"))], [parent["run_id"]])
equal(
    [row[-1] for row in cells(mlflow("runs", "list", "--experiment-id", "1", "--view", "deleted_only"))],
    [child["run_id"]])
mlflow("runs", "restore", "--run-id", child["run_id"])
equal(len(cells(mlflow("runs", "list", "--experiment-id", "1"))), 2)
refused("runs", "describe", "--run-id", "0" * 32, code="RESOURCE_DOES_NOT_EXIST")

# All runs as a table.
client.log_metric(parent["run_id"], "auc", 0.75)
client.log_param(parent["run_id"], "depth", 3)
table = {row["run_id"]: row for row in csv.DictReader(io.StringIO(mlflow("experiments", "csv", "-x", "1")))}
equal(
    (table[parent["run_id"]]["metrics.auc"], table[parent["run_id"]]["params.depth"], table[child["run_id"]]["status"]),
    ("0.75", "3", "FAILED"))
mlflow("experiments", "csv", "-x", "1", "-o", "runs.csv")
equal(len(pathlib.Path("runs.csv").read_text().splitlines()), 3)

# Artifacts.
pathlib.Path("notes.txt").write_text("ä note")
folder = pathlib.Path("plots/deep er")
folder.mkdir(parents=True)
(folder / "a b.bin").write_bytes(bytes(range(256)))
(folder / "empty").touch()
mlflow("artifacts", "log-artifact", "-l", "notes.txt", "-r", parent["run_id"])
mlflow("artifacts", "log-artifact", "-l", "notes.txt", "-r", parent["run_id"], "-a", "texts/of people")
mlflow("artifacts", "log-artifacts", "-l", "plots", "-r", parent["run_id"], "-a", "pictures")


def listed(*words):
    return {item["path"]: item for item in json.loads(mlflow("artifacts", "list", "-r", parent["run_id"], *words))}


equal(set(listed()), {"notes.txt", "pictures", "texts"})
equal(int(listed()["notes.txt"]["file_size"]), 7)
equal(listed()["texts"]["is_dir"], True)
equal(set(listed("-a", "pictures/deep er")), {"pictures/deep er/a b.bin", "pictures/deep er/empty"})
place = pathlib.Path(mlflow("artifacts", "download", "-r", parent["run_id"], "-d", "all").splitlines()[-1])
equal((place / "texts/of people/notes.txt").read_text(), "ä note")
equal((place / "pictures/deep er/a b.bin").read_bytes(), bytes(range(256)))
equal((place / "pictures/deep er/empty").read_bytes(), b"")
one = mlflow("artifacts", "download", "-u", f"runs:/{parent['run_id']}/notes.txt", "-d", "one").splitlines()[-1]
equal(pathlib.Path(one).read_text(), "ä note")
