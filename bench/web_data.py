"""What the load fixture lacks for the pages beside experiments: a model with many versions, and a monitor of predictions that were
made elsewhere, whose rows change, with its windows, alerts and an incident. It goes in by the routes that take what other servers had."""

import http.client
import json
import random
import time

MODEL, VERSIONS = "bench-model", 300
MONITOR, MINUTES, ROWS, COLUMNS = "bench", 60, 120, 40
APPLY = f"""apiVersion: martlet/v1
kind: Monitor
metadata: {{ name: {MONITOR} }}
spec: {{ endpoint: {MONITOR}, type: regression, window: {{ minutes: 1 }}, alarms: {{ windows: 3, of: 3 }} }}
"""


def add(port, runs):
    """Adds it to a server that lacks it. `runs` are ids of runs, of which versions come."""
    now = int(time.time() * 1000)
    ask(port, "POST", "/api/v1/import/models", {"records": [
        {"name": MODEL, "creation_timestamp": now, "last_updated_timestamp": now}]})
    ask(port, "POST", "/api/v1/import/versions", {"records": [
        {"name": MODEL, "version": str(number + 1), "creation_timestamp": now, "last_updated_timestamp": now,
         "run_id": runs[number % len(runs)], "source": f"s3://bucket/{number}",
         "aliases": ["champion"] if number + 1 == VERSIONS else []} for number in range(VERSIONS)]})
    ask(port, "POST", "/api/v1/apply", APPLY, "application/yaml")
    numbers = random.Random(7)
    reference = "".join(json.dumps(inputs(numbers, 0)) + "\n" for _ in range(5000))
    ask(port, "PUT", f"/api/v1/monitors/{MONITOR}/reference/rows.ndjson", reference, "application/x-ndjson")
    begin = (now // 60_000 - MINUTES - 5) * 60_000
    for minute in range(MINUTES):
        start = begin + minute * 60_000
        lines = []
        for row in range(ROWS):
            values = inputs(numbers, 1 if minute > MINUTES // 2 else 0)
            lines.append(json.dumps({
                "endpoint": MONITOR, "model": "elsewhere", "version": 1, "prediction_id": f"{start}-{row}",
                "time": start + row * 400, "inputs": values, "output": values["c0"] * 2,
                "label": values["c0"] * 2 + numbers.gauss(0, 0.1), "latency_ms": numbers.expovariate(0.2)}) + "\n")
        ask(port, "POST", "/api/v1/predictions", "".join(lines), "application/x-ndjson")
    end = time.monotonic() + 180
    while not ask(port, "GET", "/api/v1/incidents")["incidents"]:
        if time.monotonic() > end:
            raise TimeoutError("no incident was opened")
        time.sleep(0.5)


def inputs(numbers, shift):
    return {f"c{place}": numbers.gauss(shift if place % 4 == 0 else 0, 1) for place in range(COLUMNS)}


def ask(port, method, path, body=None, kind="application/json"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    content = body if isinstance(body, str) or body is None else json.dumps(body)
    connection.request(method, path, content, {"Content-Type": kind})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status >= 300:
        raise ValueError(f"{method} {path}: {answer.status} {text[:300]}")
    return json.loads(text or b"null")
