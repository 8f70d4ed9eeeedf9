"""An S3 service on a free port, which it prints; it ends when its standard input does.

moto answers. In front of it stands what makes a bucket fail as a test orders: POST /-/faults {"bucket", "method", "path",
"query", "times", "status", "retry_after", "cut_after", "delay"} counts for the next requests that match, and GET /-/requests?bucket=
tells what was answered, oldest first."""

import json
import sys
import threading
import time
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

REFUSAL = b"<?xml version='1.0'?><Error><Code>%s</Code><Message>as the test ordered</Message></Error>"


class Faults:
    def __init__(self, app):
        self.app, self.lock, self.faults, self.answered = app, threading.Lock(), [], []

    def __call__(self, environ, start):
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        if path == "/-/faults":
            with self.lock:
                self.faults.append(json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))))
            return answer(start, "200 OK", b"{}")
        if path == "/-/requests":
            bucket = parse_qs(query)["bucket"][0]
            with self.lock:
                mine = [text for name, text in self.answered if name == bucket]
            return answer(start, "200 OK", json.dumps(mine).encode())
        bucket, method = path.split("/")[1], environ["REQUEST_METHOD"]
        fault = self.take(bucket, method, path, query)
        time.sleep(fault.get("delay", 0))
        if status := fault.get("status"):
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            self.record(bucket, method, path, query, status)
            headers = [("Retry-After", str(fault["retry_after"]))] if "retry_after" in fault else []
            code = fault.get("code", "SlowDown").encode()
            return answer(start, f"{status} Refused", REFUSAL % code, headers)
        statuses = []

        def starting(status, headers, *rest):
            statuses.append(int(status.split()[0]))
            return start(status, headers, *rest)

        body = self.app(environ, starting)
        if "cut_after" in fault:
            body = cut(b"".join(body), fault["cut_after"])
        self.record(bucket, method, path, query, statuses[0] if statuses else 200)
        return body

    def take(self, bucket, method, path, query):
        """The first fault that was ordered for this request."""
        with self.lock:
            for fault in self.faults:
                is_meant = fault["bucket"] == bucket and fault["method"] == method
                if is_meant and fault.get("path", "") in path and fault.get("query", "") in query:
                    fault["times"] = fault.get("times", 1) - 1
                    if fault["times"] <= 0:
                        self.faults.remove(fault)
                    return fault
        return {}

    def record(self, bucket, method, path, query, status):
        with self.lock:
            self.answered.append((bucket, f"{status} {method} {path}{'?' if query else ''}{query}"))


def answer(start, status, body, headers=()):
    start(status, [("Content-Length", str(len(body))), *headers])
    return [body]


def cut(body, length):
    """Sends the beginning of a body, and breaks off."""
    yield body[:length]
    raise ConnectionError("as the test ordered")


server = make_server(
    "127.0.0.1", 0, Faults(DomainDispatcherApplication(create_backend_app)), threaded=True,
    request_handler=MotoRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
