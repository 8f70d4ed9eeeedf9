"""Traces: what traced code leaves, finding it again, tags, links to runs, deleting."""

import time

import mlflow
from expecting import equal, refused
from mlflow import MlflowClient
from mlflow.entities import SpanEvent, SpanStatusCode, SpanType

client = MlflowClient()
experiment = mlflow.set_experiment("traces").experiment_id


@mlflow.trace(span_type=SpanType.RETRIEVER, attributes={"top k": 3})
def retrieve(question):
    return [{"page": "cats", "score": 0.5}, {"page": "dogs", "score": float("inf")}]


@mlflow.trace(name="answer", span_type=SpanType.CHAIN)
def answer(question, fails=False):
    pages = retrieve(question)
    with mlflow.start_span("think", span_type="THOUGHT") as span:
        span.set_inputs({"pages": pages, "n": 7, "share": 0.25, "nothing": None, "yes": True, "ä": "ö\u2028\u0000"})
        span.set_attribute("model", "small")
        span.add_event(SpanEvent("token", attributes={"text": "Hm", "place": 1}))
        if fails:
            raise ValueError("no idea")
        span.set_outputs("It is a cat.")
    mlflow.update_current_trace(tags={"mood": "good", "page": "cats"}, client_request_id="call 1")
    return {"answer": "It is a cat.", "pages": len(pages)}


def flush():
    mlflow.flush_trace_async_logging()


equal(answer("What is it?")["pages"], 2)
first = mlflow.get_last_active_trace_id()
try:
    answer("Who?", fails=True)
except ValueError:
    pass
second = mlflow.get_last_active_trace_id()
with mlflow.start_run() as run:
    with mlflow.start_span("within a run") as span:
        span.set_inputs("plain text")
third = mlflow.get_last_active_trace_id()
flush()

# All of a trace comes back.
trace = mlflow.get_trace(first)
equal(trace.info.trace_id, first)
equal(trace.info.experiment_id, experiment)
equal(trace.info.state.value, "OK")
equal(trace.info.client_request_id, "call 1")
equal((trace.info.tags["mood"], trace.info.tags["mlflow.traceName"]), ("good", "answer"))
equal(trace.info.tags["mlflow.trace.spansLocation"], "TRACKING_STORE")
assert trace.info.execution_duration >= 0 and abs(trace.info.request_time / 1000 - time.time()) < 600
assert "What is it?" in trace.info.request_preview and "It is a cat." in trace.info.response_preview
root, fetched, thought = trace.data.spans
equal((root.name, root.parent_id, root.span_type, root.status.status_code.value), ("answer", None, "CHAIN", "OK"))
equal(root.inputs, {"question": "What is it?", "fails": False})
equal(root.outputs, {"answer": "It is a cat.", "pages": 2})
equal((fetched.name, fetched.parent_id, fetched.span_type), ("retrieve", root.span_id, "RETRIEVER"))
equal(fetched.get_attribute("top k"), 3)
equal(fetched.outputs[1]["score"], float("inf"))
equal(thought.inputs["pages"], fetched.outputs)
equal({key: value for key, value in thought.inputs.items() if key != "pages"},
      {"n": 7, "share": 0.25, "nothing": None, "yes": True, "ä": "ö\u2028\u0000"})
equal(thought.outputs, "It is a cat.")
equal([(event.name, event.attributes) for event in thought.events], [("token", {"text": "Hm", "place": 1})])
assert root.start_time_ns <= fetched.start_time_ns <= fetched.end_time_ns <= root.end_time_ns

failed = mlflow.get_trace(second)
equal(failed.info.state.value, "ERROR")
equal(failed.data.spans[-1].status.status_code, SpanStatusCode.ERROR)
equal(failed.data.spans[-1].events[-1].name, "exception")
equal(failed.data.spans[-1].events[-1].attributes["exception.message"], "no idea")


# Searching.
def found(filter_string=None, **more):
    traces = mlflow.search_traces(
        locations=[experiment], filter_string=filter_string, return_type="list", **more)
    return [{first: "a", second: "b", third: "c"}[trace.info.trace_id] for trace in traces]


equal(found(), ["c", "b", "a"])
for filter_string, wanted in [
    ("status = 'OK'", "ca"), ("status IN ('ERROR', 'IN_PROGRESS')", "b"), ("trace.status != 'OK'", "b"),
    ("name = 'answer'", "ba"), ("name LIKE 'within%'", "c"), ("name RLIKE '^ans.*r$'", "ba"),
    ("tags.mood = 'good'", "a"), ("tag.mood != 'good'", ""),
    ("tags.mood IS NULL", "cb"), ("tags.mood IS NOT NULL AND tags.page ILIKE 'CATS'", "a"),
    (f"run_id = '{run.info.run_id}'", "c"), (f"request_id = '{second}'", "b"), ("client_request_id = 'call 1'", "a"),
    (f"metadata.`mlflow.sourceRun` = '{run.info.run_id}'", "c"), ("timestamp_ms > 1000 AND execution_time_ms >= 0", "cba"),
    ("end_time < 1000", ""), ("span.name = 'retrieve'", "ba"), ("span.type = 'THOUGHT' AND span.status = 'ERROR'", "b"),
    ("span.type = 'CHAIN' AND span.name = 'retrieve'", ""), ("span.attributes.model = 'small'", "ba"),
    ("span.attributes.`top k` = '3'", "ba"), ("span.attributes.mlflow.spanInputs LIKE '%plain text%'", "c"),
    ("span.content LIKE '%What is it?%'", "a"), ("trace.text ILIKE '%PLAIN TEXT%'", "c"),
]:
    equal((filter_string, "".join(found(filter_string))), (filter_string, wanted))
equal(found(order_by=["timestamp ASC"]), ["a", "b", "c"])
equal(found(order_by=["tags.mood", "status DESC"]), ["a", "c", "b"])
equal(found(max_results=2), ["c", "b"])
page = client.search_traces(locations=[experiment], max_results=2, include_spans=False)
page = client.search_traces(locations=[experiment], max_results=2, include_spans=False, page_token=page.token)
equal(([trace.info.trace_id for trace in page], page.token), ([first], None))
for wrong in ["auc > 1", "status > 'OK'", "span.colour = 'red'", "timestamp = 'x'", "issue.name = 'a'"]:
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_traces(locations=[experiment], filter_string=wrong)

# Tags.
mlflow.set_trace_tag(first, "mood", "better")
client.set_trace_tag(first, "mlflow.traceName", "renamed")
equal(client.get_trace(first).info.tags["mood"], "better")
equal(found("name = 'renamed'"), ["a"])
mlflow.delete_trace_tag(first, "mood")
assert "mood" not in client.get_trace(first).info.tags
with refused("RESOURCE_DOES_NOT_EXIST"):
    client.delete_trace_tag(first, "mood")
with refused("RESOURCE_DOES_NOT_EXIST"):
    client.set_trace_tag("tr-" + "0" * 32, "a", "b")
with refused("RESOURCE_DOES_NOT_EXIST"):
    client.get_trace("tr-" + "0" * 32, display=False)

# Links to runs.
client.link_traces_to_run([first, second], run.info.run_id)
equal(found(f"run_id = '{run.info.run_id}'"), ["c", "b", "a"])

# A trace whose end is written by hand, with a parent span that ends last.
root = mlflow.start_span_no_context("by hand", inputs={"a": 1}, tags={"kind": "manual"})
child = mlflow.start_span_no_context("part", parent_span=root)
child.end(outputs=[1, 2, 3])
root.end(outputs={"b": [True, None]})
flush()
trace = client.get_trace(root.trace_id)
equal([span.name for span in trace.data.spans], ["by hand", "part"])
equal((trace.data.spans[0].outputs, trace.data.spans[1].outputs), ({"b": [True, None]}, [1, 2, 3]))
equal(trace.info.tags["kind"], "manual")

# Deleting.
equal(client.delete_traces(experiment, trace_ids=[root.trace_id, "tr-unknown"]), 1)
equal(client.delete_traces(experiment, max_timestamp_millis=int(time.time() * 1000) + 1000, max_traces=1), 1)
equal(found(), ["c", "b"])
equal(client.delete_traces(experiment, max_timestamp_millis=int(time.time() * 1000) + 1000), 2)
equal(found(), [])
