"""Numbers over many traces: what the client's store asks for, tokens and costs summed up, conversations, correlations."""

import math
import time

import mlflow
import numpy
from expecting import equal, refused
from mlflow import MlflowClient
from mlflow.entities import AssessmentSource, Feedback, SpanType
from mlflow.entities.trace_metrics import AggregationType, MetricAggregation, MetricViewType
from mlflow.tracing.client import TracingClient

client = MlflowClient()
store = TracingClient().store
experiment = mlflow.set_experiment("numbers").experiment_id
began = int(time.time() * 1000)


@mlflow.trace(span_type=SpanType.CHAT_MODEL)
def call(size):
    span = mlflow.get_current_active_span()
    span.set_attribute("mlflow.chat.tokenUsage", {"input_tokens": size, "output_tokens": 2, "total_tokens": size + 2})
    span.set_attribute("mlflow.llm.cost", {"input_cost": size / 8, "output_cost": 0.25, "total_cost": size / 8 + 0.25})
    span.set_attribute("mlflow.llm.model", "small" if size < 3 else "large")
    return size


@mlflow.trace
def answer(size):
    mlflow.update_current_trace(metadata={"mlflow.trace.session": f"s{size % 2}"}, tags={"size": str(size)})
    return call(size) + call(1)


sizes = [1, 2, 3, 4, 5]
ids = []
for size in sizes:
    answer(size)
    ids.append(mlflow.get_last_active_trace_id())
mlflow.flush_trace_async_logging()

trace = client.get_trace(ids[2])
equal(trace.info.token_usage, {"input_tokens": 4, "output_tokens": 4, "total_tokens": 8})
equal(trace.info.cost, {"input_cost": 0.5, "output_cost": 0.5, "total_cost": 1.0})


def points(view, name, *aggregations, **more):
    wanted = [MetricAggregation(kind, percentile) for kind, percentile in aggregations]
    page = store.query_trace_metrics([experiment], view, name, wanted, **more)
    equal({point.metric_name for point in page} | {name}, {name})
    return [(tuple(value for _, value in sorted(point.dimensions.items())), point.values) for point in page]


count, total, mean = (AggregationType.COUNT, None), (AggregationType.SUM, None), (AggregationType.AVG, None)
low, high = (AggregationType.MIN, None), (AggregationType.MAX, None)
traces, spans, assessments = MetricViewType.TRACES, MetricViewType.SPANS, MetricViewType.ASSESSMENTS

equal(points(traces, "trace_count", count), [((), {"COUNT": 5})])
equal(points(traces, "trace_count", count, dimensions=["trace_name", "trace_status"]), [(("answer", "OK"), {"COUNT": 5})])
equal(points(traces, "session_count", count), [((), {"COUNT": 2})])
inputs = [size + 1 for size in sizes]
[(_, found)] = points(
    traces, "input_tokens", total, mean, low, high, (AggregationType.PERCENTILE, 50.0), (AggregationType.PERCENTILE, 99.0))
for key, value in {
    "SUM": sum(inputs), "AVG": numpy.mean(inputs), "MIN": 2, "MAX": 6, "P50.0": 4, "P99.0": numpy.percentile(inputs, 99),
}.items():
    assert math.isclose(found[key], value, rel_tol=1e-12), (key, found[key], value)
[(_, latency)] = points(traces, "latency", low, mean, high)
assert 0 <= latency["MIN"] <= latency["AVG"] <= latency["MAX"] < 60_000
[(bucket, found)] = points(
    traces, "trace_count", count, time_interval_seconds=10**9, start_time_ms=began - 60_000, end_time_ms=began + 600_000)
equal((bucket, found), (("2001-09-09T01:46:40+00:00",), {"COUNT": 5}))
equal(points(traces, "trace_count", count, end_time_ms=began - 60_000), [((), {"COUNT": 0})])

equal(
    points(spans, "span_count", count, dimensions=["span_name", "span_type"]),
    [(("answer", "UNKNOWN"), {"COUNT": 5}), (("call", "CHAT_MODEL"), {"COUNT": 10})])
equal(
    points(spans, "total_cost", total, dimensions=["span_model_name"]),
    [(("large",), {"SUM": 12 / 8 + 0.75}), (("small",), {"SUM": 8 / 8 + 7 * 0.25})])
equal(points(spans, "span_count", count, filters=["span.name = 'call'", "trace.tag.size = '2'"]), [((), {"COUNT": 2})])

# Conversations, and what is held of them.
judge = AssessmentSource(source_type="LLM_JUDGE", source_id="j")
for index, value in enumerate(["yes", "no", True, 0.25]):
    mlflow.log_feedback(trace_id=ids[index], name="good", value=value, source=judge)
mlflow.log_feedback(
    trace_id=ids[0], name="polite", value="yes", source=judge, metadata={"mlflow.trace.session": "s1"})
equal(
    points(assessments, "assessment_count", count, dimensions=["assessment_name"]),
    [(("good",), {"COUNT": 4}), (("polite",), {"COUNT": 1})])
equal(
    points(assessments, "assessment_value", mean, filters=["assessment.name = 'good'"]), [((), {"AVG": 2.25 / 4})])


def searched(filter_string):
    found = mlflow.search_traces(locations=[experiment], filter_string=filter_string, return_type="list")
    return sorted(ids.index(trace.info.trace_id) for trace in found)


equal(searched("feedback.polite = 'yes'"), [0, 2, 4])
equal(searched("feedback.polite IS NULL"), [1, 3])
equal(searched("metadata.`mlflow.trace.session` = 's0'"), [1, 3])
equal(searched("feedback.good = 'yes'"), [0])

# How two filters go together.
pair = TracingClient().calculate_trace_filter_correlation(
    [experiment], "metadata.`mlflow.trace.session` = 's1'", "feedback.good IS NOT NULL")
equal((pair.filter1_count, pair.filter2_count, pair.joint_count, pair.total_count), (3, 4, 2, 5))
assert math.isclose(pair.npmi, math.log(2 * 5 / 12) / -math.log(2 / 5)), pair
never = TracingClient().calculate_trace_filter_correlation([experiment], "name = 'nobody'", "status = 'OK'")
assert math.isnan(never.npmi), never
within = TracingClient().calculate_trace_filter_correlation(
    [experiment], "tags.size = '1'", "tags.size = '3'", base_filter="metadata.`mlflow.trace.session` = 's1'")
equal((within.npmi, within.total_count), (-1.0, 3))

for view, name, wanted in [(traces, "speed", count), (traces, "trace_count", mean), (spans, "latency", total)]:
    with refused("INVALID_PARAMETER_VALUE"):
        points(view, name, wanted)
with refused("INVALID_PARAMETER_VALUE"):
    points(traces, "trace_count", count, filters=["span.name = 'x'"])
with refused("INVALID_PARAMETER_VALUE"):
    points(traces, "trace_count", count, time_interval_seconds=60)
