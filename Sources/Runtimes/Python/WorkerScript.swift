/// The program that a Python worker runs: the standard library, numpy, pandas and MLflow.
///
/// It gets one connected socket as its standard input and answers one frame with one frame until the socket ends.
/// A frame is two 32-bit little-endian lengths (of all that follows the first, and of the header), a JSON header padded
/// with spaces to a multiple of 8, and then the values that the header announces, each padded to a multiple of 8.
enum WorkerScript {
    static let python = [connection, tables, estimators, "main()\n"].joined(separator: "\n\n\n")

    /// The process, its frames, and what a frame asks for.
    static let connection = #"""
        """Answers predictions of one MLflow model to the server that started it."""
        import sys

        sys.path[:] = [folder for folder in sys.path if folder]

        import copy
        import ctypes
        import faulthandler
        import fcntl
        import json
        import os
        import resource
        import select
        import signal
        import socket
        import struct
        import threading
        import traceback
        import warnings

        LIMIT, MEMORY = int(sys.argv[1]), int(sys.argv[2])


        def main():
            faulthandler.enable()
            confine()
            connection = socket.socket(fileno=os.dup(0))
            # What the model reads or prints must not touch the protocol.
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            # A child that outlives this process would keep the server from seeing its end.
            os.register_at_fork(after_in_child=connection.close)
            threading.Thread(target=die_with_server, args=[connection.fileno()], daemon=True).start()
            worker = None
            busy = Busy(connection)
            while frame := read_frame(connection):
                header, values = frame
                busy.begin()
                try:
                    if header["kind"] == "load":
                        worker = Worker(header["folder"])
                        answer, payload = worker.description(), b""
                    else:
                        answer, payload = worker.answer(header, values)
                except MemoryError as error:
                    answer, payload = refusal(error, exhausted=True), b""
                except Exception as error:
                    answer, payload = refusal(error), b""
                if MEMORY:
                    answer["memory"] = memory()
                busy.end()
                write_frame(connection, answer, payload)
            os.killpg(0, signal.SIGKILL)


        def confine():
            """No dump of what customers sent, no new rights, no more memory than is allowed. The limit counts what the
            process writes to, not the code of libraries or addresses that are only set aside."""
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if sys.platform == "linux":
                PR_SET_NO_NEW_PRIVS = 38
                ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            if MEMORY:
                resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


        def memory():
            """Bytes that this process holds, as the kernel counts them: in memory, or written to at all."""
            try:
                with open("/proc/self/statm") as file:
                    fields = file.read().split()
            except OSError:
                return None
            return max(int(fields[1]), int(fields[5])) * resource.getpagesize()


        def die_with_server(connection):
            """Ends this process and all that it has started once the server is gone, whatever the model does."""
            poll = select.poll()
            poll.register(connection, 0)
            poll.poll()
            os.killpg(0, signal.SIGKILL)


        class Busy:
            """Lets the kernel do the same while the model computes: code in C may keep the interpreter to itself, so that no
            thread of Python's runs. Nothing but the end of the server comes meanwhile; requests come one at a time."""

            def __init__(self, connection):
                self.connection = connection
                self.flags = fcntl.fcntl(connection, fcntl.F_GETFL)
                try:
                    fcntl.fcntl(connection, fcntl.F_SETOWN, -os.getpgrp())
                    fcntl.fcntl(connection, fcntl.F_SETSIG, signal.SIGKILL)
                    self.signals = os.O_ASYNC
                except (AttributeError, OSError):
                    # Not on this system.
                    self.signals = 0

            def begin(self):
                fcntl.fcntl(self.connection, fcntl.F_SETFL, self.flags | self.signals)

            def end(self):
                fcntl.fcntl(self.connection, fcntl.F_SETFL, self.flags)


        def refusal(error, **more):
            traceback.print_exc()
            reason = traceback.format_exception_only(error)[-1].strip()
            return {"ok": False, "error": reason, **more}


        def read_frame(connection):
            prefix = read_exactly(connection, 8)
            if prefix is None:
                return None
            length, header_length = struct.unpack("<II", prefix)
            if length > LIMIT or header_length + 4 > length:
                raise SystemExit("the server sent a frame that makes no sense")
            rest = read_exactly(connection, length - 4)
            if rest is None:
                return None
            return json.loads(rest[:header_length].decode()), memoryview(rest)[header_length:]


        def read_exactly(connection, count):
            data = bytearray(count)
            view = memoryview(data)
            while view:
                received = connection.recv_into(view)
                if received == 0:
                    return None
                view = view[received:]
            return data


        def write_frame(connection, header, values):
            text = json.dumps(header).encode()
            text += b" " * (-len(text) % 8)
            left = [struct.pack("<II", len(text) + len(values) + 4, len(text)) + text, memoryview(values)]
            while left:
                sent = connection.sendmsg(left)
                while left and sent >= len(left[0]):
                    sent -= len(left.pop(0))
                if sent:
                    left[0] = left[0][sent:]


        class Worker:
            def __init__(self, folder):
                import mlflow.pyfunc

                self.model = mlflow.pyfunc.load_model(folder)
                self.predict = direct_predict(self.model) or self.model.predict
                self.plain = PlainTables.of(self.model)
                self.warm_up(folder)

            def warm_up(self, folder):
                """The first prediction is slow: make it before the first request comes."""
                try:
                    example = self.model.metadata.load_input_example(folder)
                    if example is not None:
                        self.model.predict(example)
                except Exception:
                    print("The model cannot predict its own input example:", file=sys.stderr)
                    traceback.print_exc()

            def description(self):
                return {"ok": True, "row_wise": is_row_wise(self.model), "plain": self.plain is not None}

            def answer(self, header, values):
                if header["kind"] == "document":
                    return self.answer_document(header["document"])
                if header["kind"] == "plain":
                    return encode(self.plain.predict(Values(values), header["rows"]))
                params = header.get("params")
                if header["kind"] == "tensors":
                    data = tensors(header, Values(values))
                else:
                    data = table(header, Values(values))
                output = self.predict(data, params=params) if params else self.predict(data)
                return encode(output)

            def answer_document(self, document):
                from mlflow.pyfunc.scoring_server import invocations

                schema = self.model.metadata.get_input_schema()
                response = invocations(json.dumps(document), "application/json", self.model, schema)
                return {"ok": True, "kind": "document", "document": json.loads(response.response)}, b""
        """#
}
