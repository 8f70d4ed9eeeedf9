/// The program that a Python worker runs: the standard library, numpy, pandas and MLflow.
///
/// It gets one connected socket as its standard input and answers one frame with one frame until the socket ends.
/// A frame is two 32-bit little-endian lengths (of all that follows the first, and of the header), a JSON header padded
/// with spaces to a multiple of 8, and then the values that the header announces, each padded to a multiple of 8.
enum WorkerScript {
    static let python = #"""
        """Answers predictions of one MLflow model to the server that started it."""
        import sys

        sys.path[:] = [folder for folder in sys.path if folder]

        import ctypes
        import faulthandler
        import json
        import os
        import resource
        import select
        import signal
        import socket
        import struct
        import threading
        import traceback

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
            while frame := read_frame(connection):
                header, values = frame
                try:
                    if header["kind"] == "load":
                        worker = Worker(header["folder"])
                        answer, payload = {"ok": True}, b""
                    else:
                        answer, payload = worker.answer(header, values)
                except MemoryError as error:
                    answer, payload = refusal(error, exhausted=True), b""
                except Exception as error:
                    answer, payload = refusal(error), b""
                if MEMORY:
                    answer["memory"] = memory()
                write_frame(connection, answer, payload)


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
            connection.sendall(struct.pack("<II", len(text) + len(values) + 4, len(text)) + text)
            if values:
                connection.sendall(values)


        class Worker:
            def __init__(self, folder):
                import mlflow.pyfunc

                self.model = mlflow.pyfunc.load_model(folder)
                self.predict = direct_predict(self.model) or self.model.predict
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

            def answer(self, header, values):
                if header["kind"] == "document":
                    return self.answer_document(header["document"])
                if header["kind"] == "table":
                    data = table(header, Values(values))
                else:
                    data = tensors(header, Values(values))
                params = header.get("params")
                output = self.predict(data, params=params) if params else self.predict(data)
                return encode(output)

            def answer_document(self, document):
                from mlflow.pyfunc.scoring_server import invocations

                schema = self.model.metadata.get_input_schema()
                response = invocations(json.dumps(document), "application/json", self.model, schema)
                return {"ok": True, "kind": "document", "document": json.loads(response.response)}, b""


        def direct_predict(model):
            """The flavour's own predict, below MLflow's checks of the input, which the server has made already and which
            cost milliseconds. Only for flavours whose wrappers add nothing to the data; None for all others."""
            flavors = model.metadata.flavors
            plain = {"mlflow.sklearn", "mlflow.lightgbm", "mlflow.xgboost", "mlflow.catboost"}
            module = flavors.get("python_function", {}).get("loader_module")
            predict = getattr(model, "_predict_fn", None)
            if module not in plain or predict is None or model.metadata.get_params_schema() is not None:
                return None
            if model.metadata.get_input_schema() is None:
                return None
            return predict


        class Values:
            """Takes typed values off the end of a frame, one array after the other."""

            DTYPES = {
                "boolean": "bool", "integer": "<i4", "long": "<i8", "float": "<f4", "double": "<f8",
                "bool": "bool", "int32": "<i4", "int64": "<i8", "float32": "<f4", "float64": "<f8",
            }

            def __init__(self, buffer):
                self.buffer = buffer
                self.offset = 0

            def take(self, kind, count):
                import numpy

                if kind == "string":
                    return self.take_strings(count)
                array = numpy.frombuffer(self.buffer, self.DTYPES[kind], count, self.offset)
                self.skip(array.nbytes)
                return array

            def take_strings(self, count):
                strings = []
                start = self.offset
                for _ in range(count):
                    (length,) = struct.unpack_from("<I", self.buffer, start)
                    strings.append(str(self.buffer[start + 4 : start + 4 + length], "utf-8"))
                    start += 4 + length
                self.skip(start - self.offset)
                return strings

            def take_validity(self, count):
                import numpy

                bits = numpy.frombuffer(self.buffer, "u1", (count + 7) // 8, self.offset)
                self.skip(bits.nbytes)
                return numpy.unpackbits(bits, count=count, bitorder="little").astype(bool)

            def skip(self, count):
                self.offset += count + -count % 8


        def uniform_table(header, values, rows):
            """A table of numbers of one type lies in the frame as pandas keeps it, which takes a quarter of the time of going
            column by column; None for any other table."""
            import pandas

            kinds = {(column["type"], column["nulls"]) for column in header["columns"]}
            if kinds not in ({("double", False)}, {("long", False)}):
                return None
            ((kind, _),) = kinds
            names = [column["name"] for column in header["columns"]]
            if header["positional"]:
                names = range(len(names))
            cells = values.take(kind, len(names) * rows).reshape(len(names), rows)
            return pandas.DataFrame(cells.T, columns=names, index=pandas.RangeIndex(rows))


        def table(header, values):
            import pandas

            rows = header["rows"]
            frame = uniform_table(header, values, rows)
            if frame is not None:
                return frame
            columns = {}
            for column in header["columns"]:
                cells = values.take(column["type"], rows)
                if column["nulls"]:
                    present = values.take_validity(rows)
                    cells = [cell if is_there else None for cell, is_there in zip(cells, present)]
                columns[column["name"]] = cells
            frame = pandas.DataFrame(columns, index=pandas.RangeIndex(rows))
            if header["positional"]:
                frame.columns = range(len(frame.columns))
            return frame


        def tensors(header, values):
            arrays = {}
            for tensor in header["tensors"]:
                count = 1
                for length in tensor["shape"]:
                    count *= length
                arrays[tensor["name"]] = values.take(tensor["type"], count).reshape(tensor["shape"])
            return arrays[None] if list(arrays) == [None] else arrays


        def encode(output):
            import numpy

            exact = {
                "f8": "float64", "f4": "float32", "f2": "float32", "i8": "int64", "i4": "int32", "i2": "int32",
                "i1": "int32", "u4": "int64", "u2": "int32", "u1": "int32", "b1": "bool",
            }
            if isinstance(output, numpy.ndarray) and output.dtype.str[1:] in exact:
                kind = exact[output.dtype.str[1:]]
                array = numpy.ascontiguousarray(output, dtype=numpy.dtype(kind).newbyteorder("<"))
                # Zero-dimensional arrays become one-dimensional above.
                header = {"ok": True, "kind": "tensor", "type": kind, "shape": list(output.shape)}
                return header, array.tobytes()
            from mlflow.utils.proto_json_utils import NumpyEncoder, _get_jsonable_obj

            document = json.loads(json.dumps(_get_jsonable_obj(output), cls=NumpyEncoder))
            return {"ok": True, "kind": "json", "predictions": document}, b""


        main()
        """#
}
