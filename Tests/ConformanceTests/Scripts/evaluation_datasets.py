"""Evaluation datasets: creating, filling, searching, and leaving experiments."""

import mlflow
from expecting import equal, refused
from mlflow import MlflowClient

client = MlflowClient()
first, second = client.create_experiment("first"), client.create_experiment("second")

dataset = client.create_dataset("questions", experiment_id=[first], tags={"team": "search", "mlflow.user": "ann"})
assert dataset.dataset_id.startswith("d-") and len(dataset.digest) == 8
equal((dataset.name, dataset.tags["team"], dataset.created_by, dataset.experiment_ids), ("questions", "search", "ann", [first]))
equal(dataset.to_df().shape[0], 0)

dataset.merge_records([
    {"inputs": {"question": "a?", "n": 1}, "expectations": {"answer": "A"}, "tags": {"kind": "easy"}},
    {"inputs": {"question": "b?", "n": 2.5}, "outputs": "B"},
])
records = dataset.records
equal([record.inputs["question"] for record in records], ["a?", "b?"])
equal((records[0].expectations, records[0].tags["kind"], records[1].outputs), ({"answer": "A"}, "easy", "B"))
equal(records[0].dataset_record_id[:3], "dr-")
dataset.merge_records([{"inputs": {"n": 1, "question": "a?"}, "expectations": {"why": "because"}}])
fresh = client.get_dataset(dataset.dataset_id)
equal([record.expectations for record in fresh.records], [{"answer": "A", "why": "because"}, None])
assert fresh.digest != dataset.digest or fresh.last_update_time == dataset.last_update_time
equal(fresh.profile, '{"num_records":2}')
assert '"question":"string"' in fresh.schema and '"n":"integer"' in fresh.schema, fresh.schema

equal(fresh.delete_records([fresh.records[1].dataset_record_id, "dr-unknown"]), 1)
equal(len(client.get_dataset(dataset.dataset_id).records), 1)

other = client.create_dataset("answers", experiment_id=[second], tags={"team": "chat"})


def names(**more):
    return [dataset.name for dataset in client.search_datasets(**more)]


equal(names(), ["answers", "questions"])
equal(names(experiment_ids=[first]), ["questions"])
equal(names(filter_string="name LIKE 'quest%'"), ["questions"])
equal(names(filter_string="tags.team = 'chat'"), ["answers"])
equal(names(filter_string="created_by = 'ann'"), ["questions"])
equal(names(order_by=["name DESC"]), ["questions", "answers"])
page = client.search_datasets(max_results=1, order_by=["name"])
equal([dataset.name for dataset in client.search_datasets(max_results=1, order_by=["name"], page_token=page.token)], ["questions"])
with refused("INVALID_PARAMETER_VALUE"):
    client.search_datasets(filter_string="colour = 'red'")

client.set_dataset_tags(dataset.dataset_id, {"team": "chat", "new": "tag"})
client.delete_dataset_tag(dataset.dataset_id, "new")
tags = client.get_dataset(dataset.dataset_id).tags
equal((tags["team"], "new" in tags), ("chat", False))
added = client.add_dataset_to_experiments(dataset.dataset_id, [second])
equal(sorted(added.experiment_ids), sorted([first, second]))
removed = client.remove_dataset_from_experiments(dataset.dataset_id, [first])
equal(removed.experiment_ids, [second])

# Records made of traces.
mlflow.set_experiment(experiment_id=first)


@mlflow.trace
def reply(question):
    return question.upper()


reply("c?")
mlflow.flush_trace_async_logging()
traces = mlflow.search_traces(locations=[first], return_type="list")
dataset.merge_records(traces)
record = client.get_dataset(dataset.dataset_id).records[-1]
equal((record.inputs, record.source.source_type.value), ({"question": "c?"}, "TRACE"))
equal(record.source.source_data["trace_id"], traces[0].info.trace_id)

client.delete_dataset(other.dataset_id)
equal(names(), ["questions"])
with refused("RESOURCE_DOES_NOT_EXIST"):
    client.get_dataset(other.dataset_id)
