"""The servers that benchmarks compare, each started in an empty folder of its own and ended with it."""

import contextlib
import http.client
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / ".build/release/martlet"
PEER = ROOT / ".venv-bench"
PEER_PACKAGE = "mlflow==3.17.2"
NAMES = ("martlet", "mlflow server")


def prepare():
    """Installs the peer, once."""
    if not (PEER / "bin/mlflow").exists():
        subprocess.run([sys.executable, "-m", "venv", PEER], check=True)
        subprocess.run([PEER / "bin/python", "-m", "pip", "install", "--quiet", PEER_PACKAGE], check=True)


def command(name, folder, port, data=None):
    """As their documentation says: SQLite, and the peer's own number of workers."""
    if name == "martlet":
        return [str(PROGRAM), "server", "--port", str(port), "--data", str(data or f"{folder}/data")]
    return [
        str(PEER / "bin/mlflow"), "server", "--port", str(port), "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination", f"{folder}/artifacts",
    ]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False


def memory_bytes(group, kind="Pss"):
    """Of a process and all that it started; what they share counts once (proportional set size)."""
    total = 0
    for pid in tree(group):
        rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += sum(int(row.split()[1]) * 1024 for row in rollup.splitlines() if row.startswith(f"{kind}:"))
    return total


def resident_bytes(root):
    """Of a process and all that it started; what they share counts for each."""
    return memory_bytes(root, "Rss")


def tree(root):
    """A process, its group, and all that descends from it: workers may have groups of their own."""
    rows = subprocess.run(["ps", "-e", "-o", "pid=,ppid=,pgid="], capture_output=True, text=True).stdout.splitlines()
    table = [tuple(map(int, row.split())) for row in rows]
    found = {root}
    while more := {pid for pid, parent, group in table if parent in found or group in found} - found:
        found |= more
    return found


def end(process):
    """Ends a server and whatever it started that does not end with it."""
    group = tree(process.pid)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in group - {process.pid}:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class Running:
    """A server that answers, with the seconds it took to."""

    def __init__(self, name, port, process, seconds):
        self.name, self.port, self.process, self.seconds = name, port, process, seconds

    def memory_bytes(self):
        return memory_bytes(self.process.pid)


@contextlib.contextmanager
def running(name, folder=None, data=None):
    """Starts a server, in `folder` or in one that goes with it, and ends it. Martlet may have its data elsewhere."""
    own = None if folder else tempfile.mkdtemp()
    folder = folder or own
    port = free_port()
    start = time.perf_counter()
    process = subprocess.Popen(
        command(name, folder, port, data), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True, env={**os.environ, "PATH": f"{PEER}/bin:{os.environ['PATH']}"},
    )
    try:
        while not answers(port):
            if process.poll() is not None or time.perf_counter() - start > 120:
                sys.exit(f"{name} did not start")
            time.sleep(0.001)
        yield Running(name, port, process, time.perf_counter() - start)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        if own:
            shutil.rmtree(own, ignore_errors=True)
