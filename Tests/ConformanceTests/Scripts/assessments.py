"""What people and judges hold of traces: feedback, expectations, changing and overriding them."""

import mlflow
from expecting import equal, refused
from mlflow import MlflowClient
from mlflow.entities import AssessmentSource, AssessmentSourceType, Expectation, Feedback

client = MlflowClient()
experiment = mlflow.set_experiment("assessments").experiment_id


@mlflow.trace
def square(x):
    return x * x


square(3)
trace_id = mlflow.get_last_active_trace_id()
square(4)
other = mlflow.get_last_active_trace_id()
mlflow.flush_trace_async_logging()
human = AssessmentSource(source_type=AssessmentSourceType.HUMAN, source_id="ann@example.com")

feedback = mlflow.log_feedback(
    trace_id=trace_id, name="quality", value=0.75, rationale="nearly", source=human, metadata={"round": "1"})
equal((feedback.name, feedback.value, feedback.rationale, feedback.source.source_id),
      ("quality", 0.75, "nearly", "ann@example.com"))
assert feedback.assessment_id and feedback.trace_id == trace_id and feedback.valid
expected = mlflow.log_expectation(trace_id=trace_id, name="result", value={"square": 9, "parts": [3, 3]}, source=human)
equal(expected.value, {"square": 9, "parts": [3, 3]})
mlflow.log_assessment(trace_id, Feedback(name="polite", value=True))
mlflow.log_assessment(trace_id, Feedback(name="broken judge", error=ValueError("no model")))
mlflow.log_assessment(other, Expectation(name="result", value="sixteen"))

found = mlflow.get_assessment(trace_id, feedback.assessment_id)
equal((found.value, found.metadata["round"], found.create_time_ms), (0.75, "1", feedback.create_time_ms))
equal([item.name for item in mlflow.get_trace(trace_id).info.assessments], ["quality", "result", "polite", "broken judge"])
equal(mlflow.get_trace(trace_id).info.assessments[3].feedback.error.error_message, "no model")

changed = mlflow.update_assessment(
    trace_id, feedback.assessment_id, Feedback(name="grade", value=0.5, rationale="no", metadata={"round": "2", "x": "y"}))
equal((changed.name, changed.value, changed.rationale, changed.metadata), ("grade", 0.5, "no", {"round": "2", "x": "y"}))
assert changed.last_update_time_ms >= feedback.last_update_time_ms
with refused("INVALID_PARAMETER_VALUE"):
    mlflow.update_assessment(trace_id, feedback.assessment_id, Expectation(name="grade", value=1))

better = mlflow.override_feedback(trace_id=trace_id, assessment_id=feedback.assessment_id, value=1.0, source=human)
equal(mlflow.get_assessment(trace_id, feedback.assessment_id).valid, False)


def traces(filter_string):
    names = {trace_id: "a", other: "b"}
    return "".join(names[trace.info.trace_id] for trace in client.search_traces(
        locations=[experiment], filter_string=filter_string, order_by=["timestamp ASC"]))


for filter_string, wanted in [
    ("feedback.grade > 0.9", "a"), ("feedback.grade < 0.9", ""), ("feedback.polite = 'true'", "a"),
    ("feedback.`broken judge` IS NOT NULL", "a"), ("feedback.grade IS NULL", "b"),
    ("expectation.result = 'sixteen'", "b"), ("expectation.result LIKE '%square%'", "a"),
]:
    equal((filter_string, traces(filter_string)), (filter_string, wanted))

mlflow.delete_assessment(trace_id, better.assessment_id)
equal(mlflow.get_assessment(trace_id, feedback.assessment_id).valid, True)
equal(traces("feedback.grade < 0.9"), "a")
with refused("RESOURCE_DOES_NOT_EXIST"):
    mlflow.get_assessment(trace_id, better.assessment_id)
with refused("RESOURCE_DOES_NOT_EXIST"):
    mlflow.log_feedback(trace_id="tr-" + "0" * 32, name="x", value=1)
