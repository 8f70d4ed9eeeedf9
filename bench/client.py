"""The load generator: it keeps connections open, sends each request in one write with TCP_NODELAY, and acknowledges at once
(TCP_QUICKACK): without that a server that answers in two writes looks 40 ms slower than it is."""

import json
import socket
import time

API = "/api/2.0/mlflow/"


class Client:
    """One connection that stays open."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def post(self, path, body):
        payload = json.dumps(body).encode()
        head = f"POST {API}{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
        return self.exchange(head.encode() + str(len(payload)).encode() + b"\r\n\r\n" + payload)

    def get(self, path):
        return self.exchange(f"GET {API}{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    def exchange(self, request):
        self.socket.sendall(request)
        while b"\r\n\r\n" not in self.buffer:
            self.receive()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        body = self.chunks() if "chunked" in headers.get("transfer-encoding", "") else self.take(int(headers["content-length"]))
        assert lines[0].split()[1] == "200", (lines[0], body[:300])
        return json.loads(body) if body else {}

    def chunks(self):
        body = []
        while size := int(self.line(), 16):
            body.append(self.take(size + 2)[:-2])
        self.take(2)
        return b"".join(body)

    def line(self):
        while b"\r\n" not in self.buffer:
            self.receive()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def take(self, count):
        parts, missing = [self.buffer], count - len(self.buffer)
        while missing > 0:
            part = self.read()
            parts.append(part)
            missing -= len(part)
        whole = b"".join(parts)
        self.buffer = whole[count:]
        return whole[:count]

    def receive(self):
        self.buffer += self.read()

    def read(self):
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        part = self.socket.recv(1 << 20)
        assert part, "the server closed the connection"
        return part


def timed(work):
    start = time.perf_counter()
    result = work()
    return (time.perf_counter() - start) * 1000, result
