"""Errors: the client raises what its users catch, and at once, because nothing deterministic is a 5xx."""

import time

import requests
from expecting import equal, refused
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import RestException
from mlflow.tracking import get_tracking_uri

client = MlflowClient()
store = client._tracking_client.store
run = client.create_run("0").info.run_id
started = time.monotonic()

with refused("RESOURCE_DOES_NOT_EXIST", "f" * 32):
    client.get_run("f" * 32)
with refused("INVALID_PARAMETER_VALUE", "a//b"):
    store.log_metric(run, Metric("a//b", 1, 1, 0))
with refused("INVALID_PARAMETER_VALUE", "timestamp"):
    store.log_metric(run, Metric("a", 1, -1, 0))
with refused("INVALID_PARAMETER_VALUE"):
    store.log_param(run, Param("x" * 251, "1"))
with refused("INVALID_PARAMETER_VALUE"):
    store.set_tag(run, RunTag("../x", "1"))
with refused("INVALID_PARAMETER_VALUE", "at most 1000 metrics"):
    store.log_batch(run, [Metric(f"m{n}", 1, 1, 0) for n in range(1001)], [], [])
with refused("INVALID_PARAMETER_VALUE", "at most 100 params"):
    store.log_batch(run, [], [Param(f"p{n}", "1") for n in range(101)], [])
with refused("INVALID_PARAMETER_VALUE"):
    client.search_runs(["0"], page_token="nonsense")
with refused("INVALID_PARAMETER_VALUE"):
    client.search_experiments(filter_string="colour = 'red'")
with refused("INVALID_PARAMETER_VALUE"):
    client.create_experiment("x", artifact_location="ftp://elsewhere/x")
with refused("INVALID_PARAMETER_VALUE"):
    client._get_registry_client().store.create_registered_model("a/b")
with refused("RESOURCE_DOES_NOT_EXIST"):
    client.get_model_version("nobody", "1")

# What people catch.
try:
    client.get_experiment("4711")
except RestException as error:
    equal((error.error_code, error.get_http_status_code()), ("RESOURCE_DOES_NOT_EXIST", 404))
    assert str(error).startswith("RESOURCE_DOES_NOT_EXIST: "), error

# What the client looks for to find out that a server is older than it is.
with refused("ENDPOINT_NOT_FOUND"):
    from mlflow.utils.rest_utils import http_request, verify_rest_response

    host = client._tracking_client.store.get_host_creds()
    verify_rest_response(http_request(host, "/api/2.0/mlflow/not-there", "GET"), "/api/2.0/mlflow/not-there")

uri = get_tracking_uri()
equal(requests.get(f"{uri}/health").text, "OK")
equal(requests.get(f"{uri}/version").text.split(".")[0], "3")
equal(requests.get(f"{uri}/api/2.0/mlflow/runs/create").status_code, 405)
assert time.monotonic() - started < 30, "the client waited and tried again"
