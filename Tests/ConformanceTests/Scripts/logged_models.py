"""Logged models: begun, finalised, tagged, measured on datasets, searched, deleted."""

import mlflow
from expecting import equal, refused
from mlflow import MlflowClient
from mlflow.entities import LoggedModelParameter, LoggedModelStatus

client = MlflowClient()
experiment = mlflow.set_experiment("models").experiment_id
models = {}
with mlflow.start_run() as run:
    for name, auc, kind in [("one", 0.5, "tree"), ("two", 0.75, "linear"), ("three", None, "tree")]:
        model = mlflow.initialize_logged_model(
            name=name, source_run_id=run.info.run_id, params={f"p{n}": str(n) for n in range(150)}, tags={"kind": kind},
            model_type="classifier")
        models[name] = model.model_id
        equal(model.status, LoggedModelStatus.PENDING)
        if auc is not None:
            dataset = mlflow.data.from_numpy(__import__("numpy").arange(3), name=f"data-{name}")
            mlflow.log_metric("auc", auc, step=1, model_id=model.model_id, dataset=dataset)
        mlflow.finalize_logged_model(model.model_id, LoggedModelStatus.READY if auc else "FAILED")
one = mlflow.get_logged_model(models["one"])
equal(one.status, LoggedModelStatus.READY)
equal(len(one.params), 150)
equal((one.tags["kind"], one.model_type), ("tree", "classifier"))
equal([(metric.value, metric.dataset_name) for metric in one.metrics], [(0.5, "data-one")])
equal(mlflow.get_logged_model(models["three"]).status, LoggedModelStatus.FAILED)

client.set_logged_model_tags(models["one"], {"kind": "forest", "more": "1"})
client.delete_logged_model_tag(models["one"], "more")
equal(mlflow.get_logged_model(models["one"]).tags["kind"], "forest")
with refused("RESOURCE_DOES_NOT_EXIST"):
    client.delete_logged_model_tag(models["one"], "more")
with refused("BAD_REQUEST"):
    client._tracking_client.store.log_logged_model_params(models["one"], [LoggedModelParameter("p1", "2")])


def names(**query):
    found = client.search_logged_models([experiment], **query)
    return [model.name for model in found]


equal(names(), ["three", "two", "one"])
equal(names(filter_string="metrics.auc > 0.6"), ["two"])
equal(names(filter_string="tags.kind = 'tree'"), ["three"])
equal(names(filter_string="params.p7 = '7' AND name LIKE 't%'"), ["three", "two"])
equal(names(order_by=[{"field_name": "metrics.auc", "ascending": True}]), ["one", "two", "three"])
equal(names(datasets=[{"dataset_name": "data-two"}], filter_string="metrics.auc > 0"), ["two"])
page = client.search_logged_models([experiment], max_results=2)
equal([model.name for model in client.search_logged_models([experiment], max_results=2, page_token=page.token)], ["one"])

client.delete_logged_model(models["two"])
equal(names(), ["three", "one"])
with refused("RESOURCE_DOES_NOT_EXIST"):
    client.get_logged_model(models["two"])
with refused("INVALID_PARAMETER_VALUE"):
    client.search_logged_models([experiment], filter_string="metric.auc > 1")
with refused("RESOURCE_DOES_NOT_EXIST"):
    client.get_logged_model("m-" + "0" * 32)
