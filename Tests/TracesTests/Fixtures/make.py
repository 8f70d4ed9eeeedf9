#!/usr/bin/env python3
"""Writes export.pb (also as export.pb.gz), export.json and answer.json: one request of an OpenTelemetry exporter with every field of a span, as the reference
implementation (opentelemetry-proto on PyPI, installed in .venv) encodes it."""

import base64
import gzip
import json
import pathlib

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

HERE = pathlib.Path(__file__).parent


def fill(value, plain):
    """Puts a Python value into an AnyValue."""
    value.SetInParent()
    if plain is None:
        return
    if isinstance(plain, bool):
        value.bool_value = plain
    elif isinstance(plain, int):
        value.int_value = plain
    elif isinstance(plain, float):
        value.double_value = plain
    elif isinstance(plain, bytes):
        value.bytes_value = plain
    elif isinstance(plain, str):
        value.string_value = plain
    elif isinstance(plain, list):
        value.array_value.SetInParent()
        for item in plain:
            fill(value.array_value.values.add(), item)
    else:
        value.kvlist_value.SetInParent()
        for key, item in plain.items():
            member = value.kvlist_value.values.add(key=key)
            fill(member.value, item)


def attributes(owner, **plain):
    for key, value in plain.items():
        fill(owner.attributes.add(key=key).value, value)


request = ExportTraceServiceRequest()
resource_spans = request.resource_spans.add(schema_url="https://example.org/schema")
attributes(resource_spans.resource, **{"service.name": "shop", "telemetry.sdk.name": "opentelemetry", "pid": 7})
scope_spans = resource_spans.scope_spans.add()
scope_spans.scope.name = "library"
trace_id = bytes.fromhex("0102030405060708090a0b0c0d0e0f10")
root = scope_spans.spans.add(
    trace_id=trace_id, span_id=bytes.fromhex("a1a2a3a4a5a6a7a8"), trace_state="vendor=1", name="checkout ☂",
    kind=Span.SPAN_KIND_SERVER, start_time_unix_nano=1_700_000_000_123_456_789,
    end_time_unix_nano=1_700_000_001_123_456_789, dropped_attributes_count=1, dropped_events_count=2,
    dropped_links_count=3, flags=257)
root.status.code = Status.STATUS_CODE_ERROR
root.status.message = "no money"
attributes(root, text="ä\u2028\0z", yes=True, no=False, small=-1, large=2**63 - 1, half=0.5, bare=1.0, bytes=b"\0\xff",
           none=None, empty_list=[], empty_map={}, nested={"a": [1, "b", {"c": [None, 2.5]}], "d": ""})
attributes(root, **{"mlflow.spanInputs": {"cart": [1, 2]}, "mlflow.spanOutputs": "declined",
                    "mlflow.traceTag.mood": "bad", "session.id": "s1", "user.id": "ann"})
event = root.events.add(time_unix_nano=1_700_000_000_200_000_000, name="exception", dropped_attributes_count=4)
attributes(event, **{"exception.message": "no money"})
link = root.links.add(trace_id=bytes(range(16, 32)), span_id=bytes(range(8, 16)), trace_state="other=2",
                      dropped_attributes_count=5, flags=1)
attributes(link, why="retry")
child = scope_spans.spans.add(
    trace_id=trace_id, span_id=bytes.fromhex("b1b2b3b4b5b6b7b8"), parent_span_id=root.span_id, name="pay",
    start_time_unix_nano=1_700_000_000_300_000_000, end_time_unix_nano=1_700_000_002_000_000_000)
child.status.code = Status.STATUS_CODE_OK

message = request.SerializeToString(deterministic=True)
(HERE / "export.pb").write_bytes(message)
(HERE / "export.pb.gz").write_bytes(gzip.compress(message, mtime=0))


def hexadecimal(node):
    """Ids of OTLP's JSON are hexadecimal, where protobuf's mapping has base64."""
    if isinstance(node, list):
        return [hexadecimal(item) for item in node]
    if isinstance(node, dict):
        ids = {"traceId", "spanId", "parentSpanId"}
        return {key: base64.b64decode(item).hex() if key in ids else hexadecimal(item) for key, item in node.items()}
    return node


(HERE / "export.json").write_text(json.dumps(hexadecimal(MessageToDict(request)), indent=1) + "\n")
(HERE / "answer.json").write_text(
    json.dumps([MessageToDict(span, preserving_proto_field_name=True) for span in scope_spans.spans], indent=1) + "\n")
