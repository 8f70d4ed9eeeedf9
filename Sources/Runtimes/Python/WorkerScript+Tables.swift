extension WorkerScript {
    /// From the values of a frame to what a model is asked, and from what it answers to the values of a frame.
    static let tables = #"""
        class PlainTables:
            """Tables of all columns that the model's signature names, of its very types and without gaps: the server has seen to
            that. MLflow's checks take milliseconds to change nothing of them, and are left out."""

            TYPES = {"boolean", "integer", "long", "float", "double", "string"}

            @classmethod
            def of(cls, model):
                """None for a model whose tables are not known beforehand."""
                schema = model.metadata.get_input_schema()
                if schema is None or schema.is_tensor_spec() or not schema.has_input_names():
                    return None
                columns = {column.name: getattr(column.type, "name", None) for column in schema.inputs}
                if len(columns) < len(schema.inputs) or not cls.TYPES.issuperset(columns.values()):
                    return None
                return cls(model, columns)

            def __init__(self, model, columns):
                import pandas

                self.columns = columns
                self.names = pandas.Index(list(columns))
                kinds = set(columns.values())
                # Columns of other types have a gap between them, or no fixed length.
                self.kind = kinds.pop() if kinds in ({"double"}, {"long"}) else None
                self.predict_table = direct_predict(model) or unchecked(model).predict
                self.predict_cells = cells_predict(model, self.names) if self.kind == "double" else None

            def predict(self, values, rows):
                import pandas

                if self.kind is None:
                    cells = {name: values.take(kind, rows) for name, kind in self.columns.items()}
                    return self.predict_table(pandas.DataFrame(cells, index=pandas.RangeIndex(rows)))
                # One column after the other, as pandas keeps numbers of one type.
                cells = values.take(self.kind, len(self.columns) * rows).reshape(len(self.columns), rows).T
                if self.predict_cells:
                    # As it is in a table: a model that writes to it makes a copy.
                    cells.flags.writeable = False
                    try:
                        return self.predict_cells(cells)
                    except Exception:
                        # Whatever is wrong is told in the words that the table brings forth.
                        cells.flags.writeable = True
                return self.predict_table(pandas.DataFrame(cells, columns=self.names, index=pandas.RangeIndex(rows)))


        def direct_predict(model):
            """The flavour's own predict, below MLflow's checks of the input, which the server has made already and which
            cost milliseconds. Only for flavours whose wrappers add nothing to the data; None for all others."""
            predict = getattr(model, "_predict_fn", None)
            if estimator(model) is None or predict is None or model.metadata.get_params_schema() is not None:
                return None
            if model.metadata.get_input_schema() is None:
                return None
            return predict


        def unchecked(model):
            """The same model, without what its input has to be; everything else that MLflow does for a prediction is done."""
            signature = copy.copy(model.metadata.signature)
            signature.inputs = None
            bare = copy.copy(model)
            bare._model_meta = copy.copy(model.metadata)
            bare._model_meta.signature = signature
            return bare


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
        """#
}
