"""What bench/serving compares: each a server that answers one row for one of two models, with the request that asks it."""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time

import servers

CEILINGS = servers.ROOT / "bench/ceilings"
# Beside the MLflow of bench/tracking; newer versions of uvloop break the workers of this MLServer.
PACKAGES = [
    servers.PEER_PACKAGE, "mlserver==1.7.1", "mlserver-lightgbm==1.7.1", "mlserver-sklearn==1.7.1", "uvloop==0.21.0",
    "lightgbm==4.7.0", "scikit-learn==1.9.1", "numpy==2.4.6", "pandas==3.1.1",
]
PYTHON = servers.PEER / "bin/python"


def prepare(folder):
    """Installs the peers and the load generators, once, and trains the models into `folder`."""
    stamp = servers.PEER / "serving.txt"
    wanted = "\n".join(PACKAGES)
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", servers.PEER], check=True)
        subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        stamp.write_text(wanted)
    if not shutil.which("wrk"):
        subprocess.run([*(["sudo"] if os.getuid() else []), "apt-get", "install", "-y", "-qq", "wrk"], check=True)
    subprocess.run(["cc", "-O2", "-o", f"{folder}/openloop", servers.ROOT / "bench/openloop.c"], check=True)
    subprocess.run(
        [PYTHON, servers.ROOT / "bench/serving_models.py", folder], check=True, stderr=subprocess.DEVNULL)
    return Fixture(folder)


def build_ceilings():
    """Builds the ceilings; the first time takes minutes."""
    subprocess.run(
        ["swift", "build", "-c", "release", "--static-swift-stdlib", "--package-path", CEILINGS], check=True,
        stdout=subprocess.DEVNULL)


class Fixture:
    """The models, the rows that are asked and the answers."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        content = json.loads((self.folder / "rows.json").read_text())
        self.columns, self.rows, self.answers = content["columns"], content["rows"], content["answers"]
        self.library = content["library"]

    def invocation(self, row):
        return json.dumps({"dataframe_split": {"columns": self.columns, "data": [self.rows[row]]}})

    def tensor(self, row):
        """One tensor of all columns."""
        tensor = {"name": "input", "datatype": "FP64", "shape": [1, len(self.columns)], "data": self.rows[row]}
        return json.dumps({"inputs": [tensor]})


class Contestant:
    """A server under one name of the table.

    - `model`: `lightgbm` or `sklearn`.
    - `path`: where predictions are asked for; `/v2/…` speaks the Open Inference Protocol, anything else MLflow's.
    - `start`: starts it over a folder.
    - `health`: answers 200 once the model does.
    - `lay`: what is done once in the folder before the start that is timed.
    """

    def __init__(self, name, model, path, start, health="/health", lay=None):
        self.name, self.model, self.path, self.start, self.health, self.lay = name, model, path, start, health, lay

    def body(self, fixture, row):
        return fixture.tensor(row) if self.path.startswith("/v2") else fixture.invocation(row)

    def read(self, answer):
        if self.path.startswith("/v2"):
            return answer["outputs"][0]["data"][0]
        return answer["predictions"][0]

    @contextlib.contextmanager
    def running(self, fixture):
        """Starts the server and ends it. It has answered every row as it should when it is handed out."""
        folder = tempfile.mkdtemp()
        if self.lay:
            self.lay(fixture, folder)
        port = servers.free_port()
        began = time.perf_counter()
        process = self.start(fixture, folder, port)
        try:
            server = Server(self, port, process, fixture)
            server.wait(self.health, began)
            server.check()
            yield server
        finally:
            servers.end(process)
            shutil.rmtree(folder, ignore_errors=True)


class Server:
    """A contestant that answers; `seconds` is how long it took to be healthy."""

    def __init__(self, contestant, port, process, fixture):
        self.contestant, self.port, self.process, self.fixture = contestant, port, process, fixture

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/json"} if body else {}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def wait(self, path, began):
        while True:
            if self.process.poll() is not None or time.perf_counter() - began > 180:
                sys.exit(f"{self.contestant.name} did not start")
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.ask("GET", path)[0] == 200:
                    break
            time.sleep(0.002)
        self.seconds = time.perf_counter() - began

    def check(self):
        """Every answer is the model's own."""
        expected = self.fixture.answers[self.contestant.model]
        for row, answer in enumerate(expected):
            status, body = self.ask("POST", self.contestant.path, self.contestant.body(self.fixture, row))
            assert status == 200, (self.contestant.name, status, body[:300])
            found = self.contestant.read(json.loads(body))
            assert found == answer, (self.contestant.name, row, found, answer)

    def memory_bytes(self):
        return servers.resident_bytes(self.process.pid)


# MARK: How each is started


def spawn(command, folder, log="log", **environment):
    path = f"{servers.PEER}/bin:{os.environ['PATH']}"
    with open(f"{folder}/{log}", "wb") as output:
        return subprocess.Popen(
            [str(part) for part in command], cwd=folder, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            env={**os.environ, "PATH": path, **environment})


def mlflow(model):
    def start(fixture, folder, port):
        return spawn(
            [servers.PEER / "bin/mlflow", "models", "serve", "-m", fixture.folder / model, "-p", port, "--env-manager", "local"],
            folder)
    return start


def mlserver(model, workers):
    implementation = {"lightgbm": "mlserver_lightgbm.LightGBMModel", "sklearn": "mlserver_sklearn.SKLearnModel"}[model]
    file = {"lightgbm": "lightgbm.bst", "sklearn": "sklearn.joblib"}[model]

    def start(fixture, folder, port):
        settings = {
            "host": "127.0.0.1", "http_port": port, "grpc_port": servers.free_port(), "metrics_port": servers.free_port(),
            "parallel_workers": workers, "debug": False,
        }
        pathlib.Path(folder, "settings.json").write_text(json.dumps(settings))
        described = {"name": "bench", "implementation": implementation, "parameters": {"uri": str(fixture.folder / file)}}
        pathlib.Path(folder, "model-settings.json").write_text(json.dumps(described))
        return spawn([servers.PEER / "bin/mlserver", "start", folder], folder)
    return start


def ceiling(kind):
    def start(fixture, folder, port):
        program = CEILINGS / ".build/release/ceilings"
        return spawn([program, kind, port, fixture.library, fixture.folder / "lightgbm.bst", len(fixture.columns)], folder)
    return start


def manifest(name, variants, extra=""):
    lines = "\n".join(f'    - {{ name: {variant}, model: "{model}", weight: {weight} }}' for variant, model, weight in variants)
    return textwrap.dedent(f"""\
        apiVersion: martlet/v1
        kind: Endpoint
        metadata: {{ name: {name}, team: bench }}
        spec:
          variants:
        """) + f"{lines}\n{textwrap.indent(extra, '  ')}---\n"


def martlet(name, model, path="/endpoints/bench/invocations", weights=(100,), more=""):
    """Martlet with an endpoint for the model: a variant for each weight, all of the same files; `more` is what else the
    endpoint's manifest says."""
    variants = [(f"variant-{number}", f"models:/{model}/{number}", weight) for number, weight in enumerate(weights, 1)]

    def lay(fixture, folder):
        lay_models(fixture, folder, model, manifest("bench", variants, more), versions=len(weights))
    return Contestant(name, model, path, start_martlet, "/v2/models/bench/ready", lay)


def start_martlet(_, folder, port):
    return spawn([*servers.command("martlet", folder, port), "--python", PYTHON], folder)


def lay_models(fixture, folder, model, manifests, versions=1):
    """Has Martlet log the model's files once, register them as so many versions, and take the manifests."""
    port = servers.free_port()
    process = start_martlet(fixture, folder, port)
    try:
        while not servers.answers(port):
            if process.poll() is not None:
                sys.exit("martlet did not start")
            time.sleep(0.01)
        url = f"http://127.0.0.1:{port}"
        command = [PYTHON, "-c", REGISTER, url, model, fixture.folder / model, str(versions)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        file = pathlib.Path(folder, "endpoints.yaml")
        file.write_text(manifests)
        subprocess.run([servers.PROGRAM, "apply", "-f", file, "--server", url], check=True, stdout=subprocess.DEVNULL)
    finally:
        servers.end(process)


REGISTER = """\
import sys
import mlflow
url, name, folder, versions = sys.argv[1:]
client = mlflow.MlflowClient(url)
run = client.create_run("0").info
client.log_artifacts(run.run_id, folder, "model")
client.create_registered_model(name)
for _ in range(int(versions)):
    client.create_model_version(name, f"{run.artifact_uri}/model", run.run_id)
"""


ALL = {
    "mlflow": Contestant("mlflow models serve, LightGBM", "lightgbm", "/invocations", mlflow("lightgbm")),
    "mlflow-sklearn": Contestant("mlflow models serve, sklearn", "sklearn", "/invocations", mlflow("sklearn")),
    "mlserver": Contestant(
        "MLServer, LightGBM, no workers", "lightgbm", "/v2/models/bench/infer", mlserver("lightgbm", 0),
        "/v2/models/bench/ready"),
    "mlserver-sklearn": Contestant(
        "MLServer, sklearn, one worker", "sklearn", "/v2/models/bench/infer", mlserver("sklearn", 1),
        "/v2/models/bench/ready"),
    "martlet": martlet("Martlet, LightGBM, /invocations", "lightgbm"),
    "martlet-v2": martlet("Martlet, LightGBM, Open Inference", "lightgbm", "/v2/models/bench/infer"),
    "martlet-sklearn": martlet("Martlet, sklearn in a Python worker", "sklearn"),
    "martlet-routed": martlet(
        "Martlet, LightGBM, A/B and shadow", "lightgbm", weights=(90, 10),
        more="assignment: { key: feature_00, salt: bench }\nshadow: { model: models:/lightgbm/2, percent: 25 }\n"),
    "martlet-unlogged": martlet(
        "Martlet, LightGBM, nothing logged", "lightgbm", more="log: { sample_percent: 0 }\n"),
    "hummingbird": Contestant("bare Hummingbird, LightGBM", "lightgbm", "/invocations", ceiling("hummingbird")),
    "nio": Contestant("bare NIO, LightGBM", "lightgbm", "/invocations", ceiling("nio")),
}
