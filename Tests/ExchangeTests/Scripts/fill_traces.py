"""Traces with spans, judgements and links, evaluation datasets and webhooks, as far as the store takes them."""

import mlflow
from mlflow import MlflowClient
from mlflow.entities import AssessmentError, AssessmentSource, SpanEvent


def call(question, fails=False):
    try:
        with mlflow.start_span("answer", span_type="CHAIN", attributes={"größe": 1.5}) as root:
            root.set_inputs({"question": question, "tags": ["a", None, {"n": 7}], "yes": True})
            with mlflow.start_span("think", span_type="LLM") as span:
                span.set_inputs("plain text")
                span.set_attribute("mlflow.chat.tokenUsage", {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15})
                span.add_event(SpanEvent("token", attributes={"text": "Hm", "place": 1}))
                if fails:
                    raise ValueError("no idea")
                span.set_outputs({"score": float("inf"), "big": 2**53 + 1, "text": "{\"not\": \"an object\"}"})
            mlflow.update_current_trace(
                tags={"mood": "good"}, client_request_id="call 1",
                metadata={"mlflow.trace.session": "s-1", "mlflow.trace.user": "ann"})
            root.set_outputs("It is a cat.")
    except ValueError:
        pass
    return mlflow.get_last_active_trace_id()


def judge(trace):
    person = AssessmentSource("HUMAN", "ann")
    first = mlflow.log_feedback(trace_id=trace, name="good", value=0.75, rationale="short", source=person, metadata={"k": "v"})
    mlflow.override_feedback(trace_id=trace, assessment_id=first.assessment_id, value=False, rationale="wrong", source=person)
    mlflow.log_feedback(trace_id=trace, name="judge", error=AssessmentError("TIMEOUT", "too slow"))
    mlflow.log_feedback(trace_id=trace, name="parts", value={"a": 1, "b": "yes"})
    mlflow.log_expectation(trace_id=trace, name="answer", value={"pages": ["cats", 1]})
    mlflow.log_expectation(trace_id=trace, name="short", value="cat")


def fill(experiment, other_run, links):
    """`links`: whether the store keeps links, datasets and webhooks; MLflow's file store does not."""
    client = MlflowClient()
    mlflow.set_experiment(experiment_id=experiment)
    first, second = call("What is it?"), call("Who?", fails=True)
    with mlflow.start_run(experiment_id=experiment) as run:
        third = call("In a run?")
    with mlflow.start_span("many") as span:
        for number in range(120):
            with mlflow.start_span(f"step {number}") as step:
                step.set_inputs({"number": number})
    mlflow.flush_trace_async_logging()
    judge(first)
    client.set_trace_tag(second, "later", "set")
    if not links:
        return
    client.link_traces_to_run([first, second], other_run)
    client.link_traces_to_run([third], run.info.run_id)
    dataset = client.create_dataset("questions", experiment_id=[experiment, "0"], tags={"team": "search", "mlflow.user": "ann"})
    dataset.merge_records([
        {"inputs": {"question": "a?", "n": 1}, "expectations": {"answer": "A"}, "tags": {"kind": "easy"}},
        {"inputs": {"question": "b?", "n": 2.5}, "outputs": ["B", {"c": None}]},
    ])
    client.create_dataset("empty", experiment_id=[experiment])
    client.create_webhook(
        "told", "https://1.1.1.1/hook", ["registered_model.created", "model_version.created"], secret="s3cret",
        description="Tells")
