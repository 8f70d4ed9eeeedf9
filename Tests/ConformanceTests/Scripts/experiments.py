"""Experiments: made, found, tagged, renamed, deleted, restored, searched."""

import mlflow
from expecting import equal, refused
from mlflow import MlflowClient
from mlflow.entities import ViewType

client = MlflowClient()
default = client.get_experiment("0")
equal((default.name, default.lifecycle_stage), ("Default", "active"))

made = client.create_experiment("churn & co/ünïcode", tags={"team": "growth"})
experiment = client.get_experiment(made)
equal(experiment.name, "churn & co/ünïcode")
equal(experiment.tags, {"team": "growth"})
equal(experiment.artifact_location, f"mlflow-artifacts:/{made}")
assert experiment.creation_time == experiment.last_update_time > 1_700_000_000_000
equal(client.get_experiment_by_name(experiment.name).experiment_id, made)
equal(client.get_experiment_by_name("nobody"), None)
with refused("RESOURCE_ALREADY_EXISTS"):
    client.create_experiment(experiment.name)
with refused("RESOURCE_DOES_NOT_EXIST", "4711"):
    client.get_experiment("4711")

client.set_experiment_tag(made, "team", "retention")
client.set_experiment_tag(made, "gone", "soon")
client.delete_experiment_tag(made, "gone")
equal(client.get_experiment(made).tags, {"team": "retention"})
with refused("RESOURCE_DOES_NOT_EXIST"):
    client.delete_experiment_tag(made, "gone")

client.rename_experiment(made, "churn")
equal(client.get_experiment(made).name, "churn")
run = client.create_run(made).info.run_id
client.delete_experiment(made)
equal(client.get_experiment(made).lifecycle_stage, "deleted")
equal(client.get_run(run).info.lifecycle_stage, "deleted")
with refused("INVALID_PARAMETER_VALUE"):
    client.create_run(made)
client.restore_experiment(made)
equal(client.get_run(run).info.lifecycle_stage, "active")

# Twice: the first time it is made, the second time it is found.
equal(mlflow.set_experiment("fraud").experiment_id, mlflow.set_experiment("fraud").experiment_id)
mlflow.set_experiment_tags({"a": "1", "b": "2"})
mlflow.set_experiment_tag("c", "3")
equal(mlflow.get_experiment_by_name("fraud").tags, {"a": "1", "b": "2", "c": "3"})

for number in range(7):
    client.create_experiment(f"series-{number}", tags={"kind": "even" if number % 2 == 0 else "odd"})
names = [found.name for found in client.search_experiments(filter_string="tags.kind = 'odd'", order_by=["name ASC"])]
equal(names, ["series-1", "series-3", "series-5"])
seen, token = [], None
while True:
    page = client.search_experiments(
        filter_string="name LIKE 'series-%'", max_results=3, page_token=token, order_by=["name DESC"])
    seen += [found.name for found in page]
    token = page.token
    if not token:
        break
equal(seen, [f"series-{number}" for number in reversed(range(7))])
client.delete_experiment(client.get_experiment_by_name("series-0").experiment_id)
deleted = client.search_experiments(view_type=ViewType.DELETED_ONLY)
equal([found.name for found in deleted], ["series-0"])
equal(len(mlflow.search_experiments(view_type=ViewType.ALL)), 10)
