"""Compares two stores through the client, thing by thing: python compare.py SOURCE TARGET. Prints how much it compared."""

import collections
import hashlib
import json
import math
import os
import pathlib
import sys
import tempfile

import compare_traces
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.entities import ViewType

source, target = (MlflowClient(tracking_uri=uri, registry_uri=uri) for uri in sys.argv[1:3])
compared = collections.Counter()


def same(kind, left, right):
    assert left == right, f"{kind}: {left!r}\nis not {right!r}"
    compared[kind] += 1


def number(value):
    if math.isnan(value):
        return "NaN"
    return max(-1.7976931348623157e308, min(1.7976931348623157e308, value))


def history(client, run_id, key):
    points = client.get_metric_history(run_id, key)
    return sorted((p.timestamp, p.step, str(number(p.value))) for p in points)


def info(run, names):
    return [run.info.run_id, names[run.info.experiment_id], run.info.run_name, run.info.user_id, run.info.status,
            run.info.start_time, run.info.end_time, run.info.lifecycle_stage]


def inputs(run):
    datasets = sorted(
        json.dumps([dict(item.dataset), sorted((tag.key, tag.value) for tag in item.tags)])
        for item in run.inputs.dataset_inputs)
    # The file store gives the run's id where the model's belongs, so only the number of outputs is compared there.
    outputs = [output.step for output in run.outputs.model_outputs] if run.outputs else []
    return datasets, sorted(model.model_id for model in run.inputs.model_inputs), outputs


def files(client, uri, artifact_uri):
    if artifact_uri.startswith("s3:"):
        return {}
    with tempfile.TemporaryDirectory() as folder:
        try:
            root = pathlib.Path(download_artifacts(artifact_uri, dst_path=folder, tracking_uri=uri))
        except Exception:  # There are none.
            return {}
        return {
            str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in root.rglob("*") if path.is_file()
        }


def runs(client, experiments):
    found = client.search_runs([e.experiment_id for e in experiments], run_view_type=ViewType.ALL, max_results=1000)
    return {run.info.run_id: client.get_run(run.info.run_id) for run in found}


def names(experiments):
    return {e.experiment_id: e.name for e in experiments}


lists = [client.search_experiments(view_type=ViewType.ALL) for client in (source, target)]
for one in lists[0]:
    other = next(e for e in lists[1] if e.name == one.name)
    same("experiment", [one.name, one.lifecycle_stage, dict(one.tags)], [other.name, other.lifecycle_stage, dict(other.tags)])
    if one.name != "Default":
        same("times of experiments", (one.creation_time, one.last_update_time), (other.creation_time, other.last_update_time))

left, right = runs(source, lists[0]), runs(target, lists[1])
same("runs", sorted(left), sorted(right))
for run_id, one in left.items():
    other = right[run_id]
    same("run", info(one, names(lists[0])), info(other, names(lists[1])))
    same("params", one.data.params, other.data.params)
    same("tags", one.data.tags, other.data.tags)
    same("inputs and outputs", inputs(one), inputs(other))
    same("metrics", sorted(one.data.metrics), sorted(other.data.metrics))
    for key, value in one.data.metrics.items():
        same("latest value", str(number(value)), str(number(other.data.metrics[key])))
        same("history", history(source, run_id, key), history(target, run_id, key))
    found = files(source, sys.argv[1], one.info.artifact_uri)
    # The file store itself no longer finds the files of an experiment that it moved to its trash.
    if found or one.info.lifecycle_stage == "active":
        same("files", found, files(target, sys.argv[2], other.info.artifact_uri))
    else:
        same("files in the trash", len(files(target, sys.argv[2], other.info.artifact_uri)), 3)


def logged_models(client, experiments):
    found = client.search_logged_models([e.experiment_id for e in experiments if e.lifecycle_stage == "active"])
    return {model.model_id: model for model in found}


def facts(model):
    metrics = sorted((m.key, m.value, m.timestamp, m.step, m.run_id) for m in model.metrics or [])
    return [model.name, model.creation_timestamp, model.last_updated_timestamp, str(model.status), model.model_type,
            model.source_run_id, dict(model.tags), dict(model.params), metrics]


left, right = logged_models(source, lists[0]), logged_models(target, lists[1])
same("logged models", sorted(left), sorted(right))
for model_id, one in left.items():
    other = right[model_id]
    same("logged model", facts(one), facts(other))
    same("files", files(source, sys.argv[1], one.artifact_location), files(target, sys.argv[2], other.artifact_location))


def registered(client):
    found = client.search_registered_models()
    return {m.name: [m.creation_timestamp, m.last_updated_timestamp, m.description or "", m.tags,
                     {alias: str(version) for alias, version in m.aliases.items()}] for m in found}


def versions(client, name):
    quoted = f'"{name}"' if "'" in name else f"'{name}'"
    found = {}
    for v in client.search_model_versions(f"name = {quoted}"):
        # A source that was a place there is a place here.
        place = v.source if v.source.startswith(("models:", "runs:", "s3:")) else v.source.rsplit("artifacts", 1)[-1]
        found[int(v.version)] = [v.creation_timestamp, v.last_updated_timestamp, v.current_stage, v.description or "",
                                 v.run_id or "", place, v.tags]
    return found


left, right = registered(source), registered(target)
same("registered models", left, right)
for name in left:
    same("versions", versions(source, name), versions(target, name))
    for version in versions(source, name):
        uris = [client.get_model_version_download_uri(name, str(version)) for client in (source, target)]
        found = [files(client, uri, place) for client, uri, place in zip((source, target), sys.argv[1:3], uris)]
        same("files of a version", *found)
        same("has files", bool(found[0]), not uris[0].startswith("s3:"))
prompts = [client.get_prompt_version("greeting", "1") for client in (source, target)]
same("prompt", prompts[0].template, prompts[1].template)
pairs = [(one.experiment_id, next(e for e in lists[1] if e.name == one.name).experiment_id) for one in lists[0]
         if one.lifecycle_stage == "active"]
compare_traces.compare(same, source, target, pairs, links=not sys.argv[1].startswith("file:"))
print(json.dumps(compared))
assert compared["files"] and compared["history"] and compared["files of a version"] and compared["spans"], "there was nothing to compare"
