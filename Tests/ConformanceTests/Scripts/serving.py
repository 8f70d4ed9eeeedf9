"""Predictions through the clients that users have: MLflow's scoring client, Triton's, KServe's and plain requests; what
they read beside (metadata, readiness, index, statistics), and what Prometheus and OpenAPI tools read."""

import asyncio
import json
import os
import time

import kserve
import lightgbm
import mlflow
import numpy
import requests
import tritonclient.http
from expecting import equal
from mlflow import MlflowClient
from mlflow.models import infer_signature
from mlflow.pyfunc.scoring_server.client import ScoringServerClient
from openapi_spec_validator import OpenAPIV31SpecValidator
from prometheus_client.parser import text_string_to_metric_families
from sklearn.datasets import load_breast_cancer
from tritonclient.utils import InferenceServerException

url = os.environ["MLFLOW_TRACKING_URI"]
address = url.removeprefix("http://")
host, port = address.split(":")
features, labels = load_breast_cancer(return_X_y=True, as_frame=True)
features = features.iloc[:, :4]
settings = {"objective": "binary", "verbose": -1, "num_leaves": 7, "seed": 1}
booster = lightgbm.train(settings, lightgbm.Dataset(features, labels), num_boost_round=5)
rows = features.head(7)
wanted = booster.predict(rows)

mlflow.set_experiment("cancer")
with mlflow.start_run():
    mlflow.lightgbm.log_model(
        booster, name="booster", signature=infer_signature(features, wanted), input_example=features.head(2),
        registered_model_name="cancer")
MlflowClient().set_registered_model_alias("cancer", "champion", "1")
manifest = """
apiVersion: martlet/v1
kind: Endpoint
metadata: { name: cancer }
spec: { variants: [{ name: champion, model: "models:/cancer@champion" }] }
"""
requests.post(f"{url}/api/v1/apply", data=manifest, headers={"Content-Type": "application/yaml"}).raise_for_status()

# Triton's client.
triton = tritonclient.http.InferenceServerClient(address)
for _ in range(600):
    if triton.is_model_ready("cancer"):
        break
    time.sleep(0.05)
assert triton.is_server_live() and triton.is_server_ready() and triton.is_model_ready("cancer", "1")
assert "binary_tensor_data" in triton.get_server_metadata()["extensions"]
metadata = triton.get_model_metadata("cancer")
equal([tensor["name"] for tensor in metadata["inputs"]], list(features.columns))
equal(metadata["versions"], ["1"])
(output_name,) = [tensor["name"] for tensor in metadata["outputs"]]
for is_binary in [True, False]:
    inputs = []
    for column in rows:
        tensor = tritonclient.http.InferInput(column, [len(rows)], "FP64")
        tensor.set_data_from_numpy(rows[column].to_numpy(), binary_data=is_binary)
        inputs.append(tensor)
    answer = triton.infer("cancer", inputs, request_id="call-1")
    assert numpy.array_equal(answer.as_numpy(output_name), wanted)
    equal(answer.get_response()["id"], "call-1")
    for output in [True, False]:
        asked = [tritonclient.http.InferRequestedOutput(output_name, binary_data=output)]
        answer = triton.infer("cancer", inputs, model_version="1", outputs=asked, request_compression_algorithm="gzip")
        assert numpy.array_equal(answer.as_numpy(output_name), wanted)
table = tritonclient.http.InferInput("table", list(rows.shape), "FP32")
table.set_data_from_numpy(rows.to_numpy(dtype="float32"))
assert triton.infer("cancer", [table]).as_numpy(output_name).shape == (7,)
half = tritonclient.http.InferInput("table", list(rows.shape), "FP16")
half.set_data_from_numpy(rows.to_numpy(dtype="float16"))
assert triton.infer("cancer", [half]).as_numpy(output_name).shape == (7,)
classes = tritonclient.http.InferRequestedOutput(output_name, class_count=1)
top = triton.infer("cancer", inputs, outputs=[classes]).as_numpy(output_name)
equal(top[0].item().decode().split(":")[1], "0")
equal(triton.async_infer("cancer", inputs).get_result().as_numpy(output_name).tolist(), wanted.tolist())
equal([(model["name"], model["state"]) for model in triton.get_model_repository_index()], [("cancer", "READY")])
counted = triton.get_inference_statistics("cancer")["model_stats"][0]
assert counted["inference_count"] >= 7 * 8 and counted["inference_stats"]["compute_infer"]["ns"] > 0, counted


def fails(call, words):
    try:
        call()
    except InferenceServerException as refusal:
        assert words in str(refusal), refusal
        equal(str(refusal.status()), "404" if "no endpoint" in words else "400")
    else:
        raise AssertionError(f"not refused: {words}")


fails(lambda: triton.infer("nobody", inputs), "no endpoint 'nobody'")
fails(lambda: triton.infer("cancer", inputs[:1]), "needs the columns")
fails(lambda: triton.load_model("cancer"), "declared by manifests")
fails(lambda: triton.unload_model("cancer"), "declared by manifests")


# KServe's client, both versions of its protocol.
async def talk():
    second = kserve.InferenceRESTClient(kserve.RESTConfig(protocol="v2"))
    assert await second.is_server_live(url) and await second.is_server_ready(url)
    assert await second.is_model_ready(url, "cancer")
    assert not await second.is_model_ready(url, "nobody")
    for is_binary in [True, False]:
        inputs = []
        for column in rows:
            tensor = kserve.InferInput(column, [len(rows)], "FP64")
            tensor.set_data_from_numpy(rows[column].to_numpy(), binary_data=is_binary)
            inputs.append(tensor)
        outputs = None
        if is_binary:
            from kserve.protocol.infer_type import RequestedOutput

            outputs = [RequestedOutput(output_name, {"binary_data": True})]
        request = kserve.InferRequest("cancer", inputs, request_id="k-1", request_outputs=outputs)
        answer = await second.infer(url, request, model_name="cancer")
        equal(answer.id, "k-1")
        assert numpy.array_equal(answer.outputs[0].as_numpy(), wanted)
    first = kserve.InferenceRESTClient(kserve.RESTConfig(protocol="v1"))
    assert await first.is_model_ready(url, "cancer")
    answer = await first.infer(url, {"instances": rows.to_numpy().tolist()}, model_name="cancer")
    equal(answer["predictions"], wanted.tolist())
    answer = await first.infer(url, {"instances": rows.to_dict(orient="records")}, model_name="cancer")
    equal(answer["predictions"], wanted.tolist())
    await first.close()
    await second.close()


asyncio.run(talk())

# MLflow's scoring client, and what its documentation shows.
scoring = ScoringServerClient(host, port)
scoring.wait_server_ready(timeout=10)
equal(scoring.get_version(), mlflow.__version__)
equal(scoring.invoke(rows).get_predictions().iloc[:, 0].tolist(), wanted.tolist())
for kind, body in [
    ("application/json", '{"dataframe_split": %s}' % rows.to_json(orient="split")),
    ("application/json", '{"dataframe_records": %s}' % rows.to_json(orient="records")),
    ("text/csv", rows.to_csv(index=False)),
]:
    answer = requests.post(f"{url}/invocations", data=body, headers={"Content-Type": kind})
    assert numpy.allclose(answer.json()["predictions"], wanted), answer.text

# What monitoring reads.
metrics = requests.get(f"{url}/metrics")
families = {family.name: family for family in text_string_to_metric_families(metrics.text)}
samples = {tuple(sorted(sample.labels.items())): sample.value for sample in families["martlet_prediction_requests"].samples}
answered = samples[(("endpoint", "cancer"), ("status", "200"), ("variant", "champion"), ("version", "1"))]
assert answered >= 17, samples
equal(families["martlet_prediction_stage_duration_seconds"].type, "histogram")
stages = {sample.labels["stage"] for sample in families["martlet_prediction_stage_duration_seconds"].samples}
equal(stages, {"queue", "decode", "predict", "encode"})

# What makes clients of their own.
description = requests.get(f"{url}/endpoints/cancer/openapi.json").json()
equal([str(error) for error in OpenAPIV31SpecValidator(description).iter_errors()], [])
example = description["paths"]["/endpoints/cancer/invocations"]["post"]["requestBody"]["content"]["application/json"]["example"]
answer = requests.post(f"{url}/endpoints/cancer/invocations", json=example)
equal(len(answer.json()["predictions"]), 2)
equal(list(description["components"]["schemas"]["Record"]["properties"]), list(features.columns))

# A line in, a line out.
lines = "\n".join(row for row in rows.to_json(orient="records", lines=True).splitlines())
answer = requests.post(
    f"{url}/endpoints/cancer/stream", data=iter([lines[:100].encode(), lines[100:].encode()]),
    headers={"Content-Type": "application/x-ndjson"}, stream=True)
predicted = [json.loads(line)["predictions"][0] for line in answer.iter_lines()]
assert numpy.allclose(predicted, wanted), predicted
