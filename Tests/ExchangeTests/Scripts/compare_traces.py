"""Compares traces, evaluation datasets and webhooks of two stores through the client."""

import json
import math

PLACES = ["mlflow.artifactLocation", "mlflow.trace.spansLocation"]


def plain(value):
    """Values in which NaN and infinities are equal to themselves, also where a JSON object has them as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def info(trace):
    facts = trace.info.to_dict()
    facts["tags"] = {key: value for key, value in facts["tags"].items() if key not in PLACES}
    facts["trace_location"] = None
    facts["assessments"] = sorted(facts.get("assessments", []), key=lambda item: item["assessment_id"])
    for item in facts["assessments"]:
        item.setdefault("valid", True)  # The client forgets it of expectations.
    return plain(facts)


def spans(trace):
    found = []
    for span in trace.data.spans:
        facts = span.to_dict()
        attributes = {key: plain(value) for key, value in span.attributes.items()}
        found.append([facts["span_id"], facts["parent_span_id"], facts["name"], facts["start_time_unix_nano"],
                      facts["end_time_unix_nano"], facts["status"], plain(facts["events"]), attributes])
    return sorted(found)


def traces(client, experiment):
    found = {}
    token = None
    while token != "":
        page = client.search_traces(locations=[experiment], max_results=100, page_token=token)
        found.update({trace.info.trace_id: client.get_trace(trace.info.trace_id) for trace in page})
        token = page.token or ""
    return found


def linked(client, experiment, run_id):
    found = client.search_traces(locations=[experiment], filter_string=f"attributes.run_id = '{run_id}'", include_spans=False)
    return sorted(trace.info.trace_id for trace in found)


def datasets(client):
    store = client._tracking_client.store
    found = {}
    for dataset in client.search_datasets():
        records = [record.to_dict() for record in store._load_dataset_records(dataset.dataset_id, max_results=1000)[0]]
        names = sorted(client.get_experiment(id).name for id in store.get_dataset_experiment_ids(dataset.dataset_id))
        found[dataset.dataset_id] = [
            dataset.name, dataset.tags, json.loads(dataset.schema or "null"), dataset.digest, dataset.created_time,
            dataset.last_update_time, dataset.created_by, dataset.last_updated_by, names,
            sorted(records, key=lambda record: record["dataset_record_id"]),
        ]
    return found


def webhooks(client):
    return {
        hook.webhook_id: [hook.name, hook.url, hook.description, hook.creation_timestamp, hook.last_updated_timestamp,
                          sorted(str(event) for event in hook.events)]
        for hook in client.list_webhooks()
    }


def compare(same, source, target, experiments, links):
    """`experiments`: pairs of ids of the same experiment."""
    for one, other in experiments:
        left, right = traces(source, one), traces(target, other)
        same("traces", sorted(left), sorted(right))
        for trace_id in left:
            same("trace", info(left[trace_id]), info(right[trace_id]))
            same("spans", spans(left[trace_id]), spans(right[trace_id]))
            assert left[trace_id].data.spans
        if not links:
            continue
        for run in source.search_runs([one], max_results=1000):
            same("links", linked(source, one, run.info.run_id), linked(target, other, run.info.run_id))
    if not links:
        return
    same("datasets", datasets(source), datasets(target))
    same("webhooks", webhooks(source), webhooks(target))
    assert webhooks(source) and datasets(source)
    assert {str(hook.status) for hook in target.list_webhooks()} == {"DISABLED"}
