"""Searches of runs: every entity of the grammar, orders, pages, views."""

import mlflow
from expecting import equal, refused
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType

client = MlflowClient()
experiment = client.create_experiment("search")
ids = {}
for place, (name, auc, depth, kind) in enumerate(
    [("a", 0.5, "10", "tree"), ("b", 0.75, "9", "Tree"), ("c", None, "9", "linear"), ("d", 0.75, None, None)]
):
    run = client.create_run(experiment, start_time=place + 1, run_name=name)
    ids[name] = run.info.run_id
    client.log_batch(
        run.info.run_id,
        metrics=[] if auc is None else [Metric("auc score", auc, 1, 1)],
        params=[] if depth is None else [Param("depth", depth)],
        tags=[] if kind is None else [RunTag("kind.of", kind)])


def names(filter_string="", **more):
    return "".join(run.info.run_name for run in client.search_runs([experiment], filter_string, **more))


equal(names(), "dcba")
for filter_string, wanted in [
    ("metrics.`auc score` > 0.6", "db"), ('metrics."auc score" <= 5e-1', "a"), ("params.depth = '9'", "cb"),
    ("params.depth != '9'", "a"), ("params.depth LIKE '1%'", "a"), ("tags.kind.of ILIKE 'tree'", "ba"),
    ("tags.`kind.of` LIKE 'tree'", "a"), ("attributes.run_name = 'c'", "c"), ("run_name ILIKE 'C'", "c"),
    ("attributes.start_time > 2", "dc"), ("status = 'RUNNING' and params.depth = '9'", "cb"),
    (f"run_id IN ('{ids['a']}', '{ids['d']}')", "da"), (f"run_id NOT IN ('{ids['a']}')", "dcb"),
    ("params.depth IS NULL", "d"), ("tags.kind.of IS NOT NULL", "cba"),
    ("metrics.`auc score` = 0.75 AND params.depth = '9' AND tags.kind.of = 'Tree'", "b"),
    ("params.depth = '10' OR NOT metrics.`auc score` > 0", "ca"), ("params.depth IN ('9', '11')", "cb"),
    ("max(metrics.`auc score`) BETWEEN 0.6 AND 0.8", "db"),
]:
    equal((filter_string, names(filter_string)), (filter_string, wanted))
equal(names(order_by=["metrics.`auc score` DESC", "start_time ASC"]), "bdac")
equal(names(order_by=["params.depth ASC", "attributes.run_name"]), "abcd")
equal(names(max_results=2), "dc")

seen, token = [], None
while True:
    page = client.search_runs([experiment], max_results=3, page_token=token)
    seen += [run.info.run_name for run in page]
    token = page.token
    if not token:
        break
equal("".join(seen), "dcba")

client.delete_run(ids["a"])
equal(names(), "dcb")
equal(names(run_view_type=ViewType.DELETED_ONLY), "a")
equal(names(run_view_type=ViewType.ALL), "dcba")
equal(len(mlflow.search_runs([experiment], output_format="list")), 3)
for wrong in ["auc > 1", "metrics.x > 'a'", "params.depth > 3", "tags.a = 'b' OR", "metrics.x ="]:
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_runs([experiment], wrong)
with refused("INVALID_PARAMETER_VALUE"):
    client.search_runs([experiment], order_by=["params.depth sideways"])
with refused("INVALID_PARAMETER_VALUE"):
    client.search_runs([experiment], max_results=50_001)
