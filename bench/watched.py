"""A server of Martlet whose predictions come from elsewhere: what the benchmarks of monitors send it and read of it."""

import contextlib
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import servers

PYTHON = servers.ROOT / ".venv/bin/python"
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """Started over a folder of its own."""

    def __init__(self, port, process, folder):
        self.port, self.process, self.folder = port, process, folder
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, method, path, body=None, type="application/json"):
        """The answer's JSON; anything but 2xx ends the benchmark."""
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        # A new connection each time: the server closes those that were idle for a while.
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)) as connection:
            connection.request(method, path, body, {"Content-Type": type} if body is not None else {})
            answer = connection.getresponse()
            text = answer.read()
        if answer.status >= 300:
            sys.exit(f"{method} {path}: {answer.status} {text[:500].decode()}")
        return json.loads(text) if text else {}

    def send(self, lines):
        """Predictions, a line each."""
        receipt = self.ask("POST", "/api/v1/predictions", "\n".join(lines), "application/x-ndjson")
        assert receipt["accepted"] == len(lines), receipt

    def apply(self, manifests):
        file = pathlib.Path(self.folder, "manifests.yaml")
        file.write_text(manifests)
        command = [servers.PROGRAM, "apply", "-f", file, "--server", self.url]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def user_seconds(self):
        """Processor time that the server spent in its own code since its start."""
        return cpu_ticks(self.process.pid)[0] / TICKS

    def cpu_seconds(self):
        """The same with what the kernel spent for it."""
        return sum(cpu_ticks(self.process.pid)) / TICKS

    def rest(self, quiet_seconds=2, limit_seconds=600):
        """Waits until the server has nothing more to do; what it had spent by then."""
        end = time.monotonic() + limit_seconds
        spent = self.cpu_seconds()
        while time.monotonic() < end:
            time.sleep(quiet_seconds)
            now = self.cpu_seconds()
            if now - spent < 0.02 * quiet_seconds:
                return now
            spent = now
        sys.exit("The server does not come to rest.")


def cpu_ticks(pid):
    """In its own code, and in the kernel; of all threads."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]), int(fields[12])


@contextlib.contextmanager
def server(wrapper=()):
    """Starts a server over an empty folder, and ends it.

    - `wrapper`: a command that the server is started with, such as a profiler's.
    """
    folder = tempfile.mkdtemp()
    port = servers.free_port()
    command = [*wrapper, *servers.command("martlet", folder, port), "--python", PYTHON]
    with open(f"{folder}/log", "wb") as log:
        process = subprocess.Popen(
            [str(part) for part in command], cwd=folder, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        while not servers.answers(port):
            if process.poll() is not None:
                sys.exit(f"martlet did not start: {pathlib.Path(folder, 'log').read_text()[-2000:]}")
            time.sleep(0.01)
        yield Server(port, process, folder)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def monitor(name, spec):
    return f"apiVersion: martlet/v1\nkind: Monitor\nmetadata: {{ name: {name} }}\nspec: {{ endpoint: {name}, {spec} }}\n---\n"


class Rows:
    """Rows of columns of numbers (`n0`, `n1`, …) and of names (`c0`, …)."""

    def __init__(self, numbers, names, seed=7):
        self.numbers, self.names = numbers, names
        self.random = random.Random(seed)

    @property
    def columns(self):
        return [f"n{index}" for index in range(self.numbers)] + [f"c{index}" for index in range(self.names)]

    def row(self):
        """Values in the order of the columns."""
        numbers = [self.random.gauss(10, 3) for _ in range(self.numbers)]
        return numbers + [f"value {int(self.random.expovariate(0.5)) % 12}" for _ in range(self.names)]

    def split(self, count):
        """A table in pandas' split form."""
        return {"columns": self.columns, "data": [self.row() for _ in range(count)]}

    def members(self, count):
        """`inputs` and `output` of so many predictions, as text between braces."""
        return [
            f'"inputs":{json.dumps(dict(zip(self.columns, self.row())))},"output":{self.random.random():.6f}'
            for _ in range(count)
        ]
