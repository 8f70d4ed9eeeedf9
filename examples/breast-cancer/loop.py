"""Carries the model once round the loop against a running server: train, register, deploy, predict, notice a changed
instrument, retrain, promote. Each step says what it found; the first that finds something wrong ends the program.

    python loop.py --server http://127.0.0.1:8080 --martlet .build/release/martlet
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

import requests

HERE = pathlib.Path(__file__).resolve().parent
MODEL = "breast-cancer"
TOLERANCE = 1e-9
# As monitor.yaml has it.
ROWS_OF_WINDOW = 50


class Wrong(Exception):
    """A step did not find what it should."""


def expect(condition, message):
    if not condition:
        raise Wrong(message)


class Server:
    def __init__(self, url, token):
        self.url = url.rstrip("/")
        self.session = requests.Session()
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method, path, **arguments):
        answer = self.session.request(method, self.url + path, timeout=120, **arguments)
        expect(answer.ok, f"{method} {path} answered {answer.status_code}: {answer.text[:500]}")
        return answer

    def get(self, path, **query):
        return self.call("GET", path, params=query).json()

    def wait(self, what, look, seconds=120):
        """Looks until there is something; a loop of questions, because what is awaited happens elsewhere."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            time.sleep(0.1)
        raise Wrong(f"{what} did not happen within {seconds} seconds")


def invoke(server, endpoint, row):
    """One row in MLflow's form: probability, prediction id, version that answered."""
    body = {"dataframe_split": {"columns": list(row), "data": [list(row.values())]}}
    return read(server.call("POST", f"/endpoints/{endpoint}/invocations", json=body), lambda a: a["predictions"])


def infer(server, endpoint, row):
    """One row in the Open Inference form, a tensor for each column."""
    tensors = [{"name": name, "shape": [1], "datatype": "FP64", "data": [value]} for name, value in row.items()]
    answer = server.call("POST", f"/v2/models/{endpoint}/infer", json={"inputs": tensors})
    return read(answer, lambda a: a["outputs"][0]["data"])


def read(answer, values):
    flat = values(answer.json())
    while isinstance(flat[-1], list):
        flat = flat[-1]
    headers = answer.headers
    return flat[-1], headers["X-Martlet-Prediction-Id"], headers["X-Martlet-Model-Version"]


def send(server, frame, target, endpoint=MODEL, call=invoke):
    """Sends rows one by one and, as it would be later in life, their labels by prediction id."""
    answers = [call(server, endpoint, row) for row in frame.to_dict("records")]
    labels = [{"prediction_id": answer[1], "value": float(value)} for answer, value in zip(answers, target)]
    accepted = server.call("POST", "/api/v1/labels", json={"labels": labels}).json()["accepted"]
    expect(accepted == len(labels), f"{accepted} of {len(labels)} labels were accepted")
    return answers


def step_1(context):
    """Train and track"""
    done = subprocess.run(
        [sys.executable, "train.py"], cwd=HERE, env=context.environment, text=True, capture_output=True
    )
    expect(done.returncode == 0, f"train.py failed:\n{done.stdout}\n{done.stderr}")
    result = json.loads(done.stdout.strip().splitlines()[-1])
    context.state.update(result)
    for version, scores in result["versions"].items():
        yield f"version {version}: log loss {scores['held_out_log_loss']:.4f}, AUC {scores['held_out_auc']:.4f}"


def step_2(context):
    """Choose the champion"""
    import mlflow

    client = mlflow.MlflowClient(context.server.url)
    champion = client.get_model_version_by_alias(MODEL, "champion")
    losses = {version: scores["held_out_log_loss"] for version, scores in context.state["versions"].items()}
    best = min(losses, key=losses.get)
    expect(int(champion.version) == int(best), f"champion is version {champion.version}, the better one is {best}")
    yield f"champion is version {champion.version} of {MODEL}, trained by run {champion.run_id}"


def step_3(context):
    """Deploy"""
    for file in ("endpoint.yaml", "monitor.yaml"):
        command = [context.martlet, "apply", "-f", file, "--server", context.server.url]
        done = subprocess.run(command, cwd=HERE, env=context.environment, text=True, capture_output=True)
        expect(done.returncode == 0, f"martlet apply -f {file} failed: {done.stderr}")
        yield from done.stdout.strip().splitlines()
    for endpoint in (MODEL, f"{MODEL}-runner-up"):
        state = context.server.wait(f"the deployment of {endpoint}", lambda: ready(context.server, endpoint))
        variant = state["variants"][0]
        yield f"{endpoint} serves version {variant['version']} by {variant['runtime']}"


def ready(server, endpoint):
    state = server.get(f"/api/v1/endpoints/{endpoint}")
    expect(state["state"] != "failed", f"{endpoint} failed: {state.get('message')}")
    return state if state["state"] == "ready" else None


def step_4(context):
    """Predict and log"""
    import mlflow
    from data import TARGET, features, split

    mlflow.set_tracking_uri(context.server.url)
    held_out = split()[1]
    rows = features(held_out)
    for endpoint, alias in ((MODEL, "champion"), (f"{MODEL}-runner-up", "runner-up")):
        output = mlflow.pyfunc.load_model(f"models:/{MODEL}@{alias}").predict(rows)
        wanted = output[:, 1] if output.ndim == 2 else output
        worst = 0.0
        for call in (invoke, infer):
            answers = send(context.server, rows, held_out[TARGET], endpoint, call)
            worst = max([worst] + [abs(answer[0] - want) for answer, want in zip(answers, wanted)])
        expect(worst <= TOLERANCE, f"{endpoint} differs from Python by {worst}")
        logged = context.server.get(f"/api/v1/predictions/{answers[0][1]}")
        missing = {"prediction_id", "time", "version", "inputs", "output", "latency_us", "label"} - logged.keys()
        expect(not missing, f"the logged prediction lacks {missing}")
        yield f"{endpoint}: {2 * len(rows)} single rows by two protocols, largest difference from Python {worst:.1e}"


def step_5(context):
    """Notice the changed instrument"""
    from data import SCALED_COLUMNS, TARGET, features, split, through_changed_instrument

    server = context.server
    clean = server.wait("a clean window", lambda: finished_windows(server, split()[1]))
    drifting = [window for window in clean if window["drifting"]]
    expect(not drifting, f"drift was seen before the instrument changed: {drifting}")
    expect(not server.get("/api/v1/alerts")["alerts"], "there was an alert before the instrument changed")
    yield f"{len(clean)} windows before the change, none drifting"

    later = through_changed_instrument(split()[2])
    send(server, features(later), later[TARGET])
    sent = 2 * len(split()[1]) + len(later)
    server.wait("an alert", lambda: drift_alerts(server))
    server.wait("the last window", lambda: len(windows(server)) >= sent // ROWS_OF_WINDOW)
    alerts = drift_alerts(server)
    expect(len(alerts) == 1, f"{len(alerts)} alerts of drift were opened: {[alert['title'] for alert in alerts]}")
    alert = alerts[0]
    expect(alert["state"] == "open", "the alert did not stay open")
    names = {column["name"] for column in alert["columns"]}
    expect(names == set(SCALED_COLUMNS), f"drift was seen in {sorted(names)}, not in {sorted(SCALED_COLUMNS)}")
    context.state["alert"] = alert["alert_id"]
    for column in alert["columns"]:
        yield (
            f"{column['name']}: effect {column['effect']:.3f}, p {column['adjusted_p_value']:.1e}, "
            f"{column['window_rows']} rows against {column['reference_rows']}"
        )
    # Who opens the first page sees what has to be looked after.
    incident = server.get(f"/api/v1/incidents/{alert['incident_id']}")
    page = server.call("GET", "/", headers={"Accept": "text/html"}).text
    expect(incident["title"] in page, f"the first page does not mention '{incident['title']}'")


def windows(server):
    return server.get(f"/api/v1/monitors/{MODEL}/windows", limit=100)["windows"]


def finished_windows(server, rows):
    """The windows of step 4, once the monitor has judged them all: two protocols, windows of fifty."""
    judged = windows(server)
    return judged if len(judged) >= 2 * len(rows) // ROWS_OF_WINDOW else None


def step_6(context):
    """Retrain, compare, promote"""
    import mlflow
    from data import TARGET, features, split, through_changed_instrument

    server = context.server
    later = through_changed_instrument(split()[2])
    traffic = Traffic(server, features(later).to_dict("records"))
    with traffic:
        trigger = server.wait("the retraining", lambda: finished(server, context.state["alert"]), seconds=300)
        expect(trigger["exit_code"] == 0, f"retraining failed:\n{trigger['log']}")
        champion = mlflow.MlflowClient(server.url).get_model_version_by_alias(MODEL, "champion").version
        expect(int(champion) > max(map(int, context.state["versions"])), f"champion is still version {champion}")
        server.wait("the switch to the new version", lambda: traffic.versions[-1:] == [f"{MODEL}/{champion}"])
        # Long enough for the new version to be judged too.
        count = len(traffic.versions)
        server.wait("its first windows", lambda: len(traffic.versions) > count + 3 * ROWS_OF_WINDOW)
    expect(not traffic.failures, f"{len(traffic.failures)} requests failed, the first with {traffic.failures[:1]}")
    yield from trigger["log"].strip().splitlines()[-2:]
    yield f"{len(traffic.versions)} requests during the switch, none failed: {', '.join(traffic.seen())}"
    titles = [f"{alert['title']} ({alert['state']})" for alert in drift_alerts(server)]
    expect(len(titles) == 1, f"one alert of drift was expected, there are {len(titles)}: {'; '.join(titles)}")


def closed(server, alert):
    state = server.get(f"/api/v1/alerts/{alert}")
    return state if state["state"] == "closed" else None


def drift_alerts(server):
    """Once labels come, what the changed instrument does to the model's quality is an alert of its own."""
    return [alert for alert in server.get("/api/v1/alerts")["alerts"] if alert["family"] == "drift"]


def finished(server, alert):
    trigger = server.get(f"/api/v1/alerts/{alert}").get("trigger") or {}
    return trigger if trigger.get("state") in ("done", "failed") else None


class Traffic:
    """Requests without pause on a thread of their own, as users would send them while a model is replaced."""

    def __init__(self, server, rows):
        self.server, self.rows = server, rows
        self.versions, self.failures = [], []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        session = Server(self.server.url, os.environ.get("MLFLOW_TRACKING_TOKEN"))
        number = 0
        while not self.stop.wait(0.02):
            try:
                self.versions.append(invoke(session, MODEL, self.rows[number % len(self.rows)])[2])
            except Exception as failure:  # whatever it is, it counts as a failed request
                self.failures.append(str(failure))
            number += 1

    def seen(self):
        return [f"{self.versions.count(version)} by {version}" for version in sorted(set(self.versions))]

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def step_7(context):
    """Look at the incident and the pages"""
    import mlflow

    alert = context.server.wait("the end of the alert", lambda: closed(context.server, context.state["alert"]))
    incident = context.server.get(f"/api/v1/incidents/{alert['incident_id']}")
    kinds = [entry["kind"] for entry in incident["time_line"]]
    expect(kinds.count("alarm") >= 2, f"the alert is missing on the incident's time line: {kinds}")
    remedy = kinds.index("remedy") if "remedy" in kinds else None
    expect(remedy is not None, f"the retraining is missing on the incident's time line: {kinds}")
    expect("deployment" in kinds[kinds.index("alarm") :], f"the new version is missing on the time line: {kinds}")
    yield f"{incident['title']} ({incident['state']})"
    for entry in incident["time_line"]:
        yield f"{time.strftime('%H:%M:%S', time.gmtime(entry['time'] / 1000))} {entry['kind']}: {entry['words']}"

    client = mlflow.MlflowClient(context.server.url)
    version = client.get_model_version_by_alias(MODEL, "champion")
    experiment = client.get_experiment_by_name("breast-cancer").experiment_id
    pages = {
        "/": MODEL,
        "/incidents": incident["title"],
        f"/experiments/{experiment}": "boosted-trees",
        f"/runs/{version.run_id}": "held_out_log_loss",
        f"/models/{MODEL}": "champion",
        f"/endpoints/{MODEL}": MODEL,
        f"/monitors/{MODEL}": "worst area",
        f"/monitors/{MODEL}/columns/worst%20area": "standard deviation",
        f"/monitors/{MODEL}/traffic": "Latency of requests",
        f"/alerts/{context.state['alert']}": "worst area",
        f"/incidents/{alert['incident_id']}": "took over from",
    }
    for path, word in pages.items():
        page = context.server.call("GET", path, headers={"Accept": "text/html"}).text
        expect(word in page, f"the page {path} does not mention '{word}'")
        yield context.server.url + path


STEPS = [step_1, step_2, step_3, step_4, step_5, step_6, step_7]


class Context:
    def __init__(self, options):
        token = os.environ.get("MLFLOW_TRACKING_TOKEN")
        self.server = Server(options.server, token)
        self.martlet = str(pathlib.Path(options.martlet).resolve()) if "/" in options.martlet else options.martlet
        self.file = pathlib.Path(options.state)
        self.state = json.loads(self.file.read_text()) if self.file.exists() else {}
        self.environment = {**os.environ, "MLFLOW_TRACKING_URI": self.server.url}

    def save(self, step):
        self.state["done"] = step
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(self.state))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="http://127.0.0.1:8080")
    parser.add_argument("--martlet", default="martlet", help="the program, for 'martlet apply'")
    parser.add_argument("--state", default="martlet-data/loop.json", help="what the steps keep for each other")
    parser.add_argument("--from-step", type=int, help="behind the last step that was done when left out")
    parser.add_argument("--to-step", type=int, default=len(STEPS))
    options = parser.parse_args()
    context = Context(options)
    first = options.from_step or context.state.get("done", 0) + 1
    for number in range(first, options.to_step + 1):
        step = STEPS[number - 1]
        print(f"{number}/{len(STEPS)} {step.__doc__} …", flush=True)
        start = time.monotonic()
        try:
            for line in step(context):
                print(f"      {line}", flush=True)
        except (Wrong, requests.RequestException) as wrong:
            print(f"      failed: {wrong}", file=sys.stderr)
            return 1
        context.save(number)
        print(f"      done in {time.monotonic() - start:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
