"""Makes the ONNX models of the tests; `models.py` calls it."""

import mlflow
import numpy
import pandas
from mlflow.models import infer_signature
from onnx import TensorProto, helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def save_all(folder, rows, labels, expect):
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, labels)
    named = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, labels.map({0: "malignant", 1: "benign"}))
    matrix = [("input", FloatTensorType([None, 30]))]
    zipped = convert_sklearn(model, initial_types=matrix)
    plain = convert_sklearn(model, initial_types=matrix, options={"zipmap": False})

    save(folder, "onnx_zipmap", zipped, rows)
    expect(folder, "onnx_zipmap", rows.head(40))
    save(folder, "onnx_words", convert_sklearn(named, initial_types=matrix), rows)
    expect(folder, "onnx_words", rows.head(40))
    # MLflow cannot put outputs of different lengths into one table; as tensors it answers them.
    save(folder, "onnx_plain", plain, rows)
    for name, onnx in [("onnx_tensor", plain), ("onnx_zipmap_tensor", zipped)]:
        save(folder, name, onnx, rows.to_numpy())
        expect(folder, name, rows.to_numpy()[:40])
    save(folder, "onnx_named_tensor", plain, {"input": rows.to_numpy().astype("float32")})

    people = pandas.DataFrame({"age": [41.0, 23.5, 60.0, 35.0] * 5, "city": ["rome", "oslo", "bari", "oslo"] * 5})
    people["visits"] = numpy.arange(20)
    encoder = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["city"]), remainder="passthrough")
    mixed = make_pipeline(encoder, LogisticRegression()).fit(people, people["visits"] % 2)
    types = [("age", FloatTensorType([None, 1])), ("city", StringTensorType([None, 1]))]
    onnx = convert_sklearn(mixed, initial_types=[*types, ("visits", Int64TensorType([None, 1]))])
    save(folder, "onnx_columns", onnx, people)
    # MLflow hands columns on as [rows], which these inputs of [rows, 1] do not take: the library itself is the judge.
    expect(folder, "onnx_columns", people, predict_by_column(onnx, people))

    vectors = [("age", TensorProto.FLOAT, 0.25), ("visits", TensorProto.INT64, 3)]
    save(folder, "onnx_vectors", sums(vectors), people[["age", "visits"]])
    expect(folder, "onnx_vectors", people[["age", "visits"]])
    texts = convert_sklearn(OneHotEncoder().fit(people[["city"]]), initial_types=[("city", StringTensorType([None, 1]))])
    save(folder, "onnx_texts", texts, people[["city"]])
    expect(folder, "onnx_texts", people[["city"]])

    numbers = pandas.DataFrame({"x": [0.1, 1.5, 3.0, 65_504.0], "y": [2.0, float("nan"), -1.0, 0.0]}, dtype="float32")
    save(folder, "onnx_types", casts(), numbers.to_numpy())
    expect(folder, "onnx_types", numbers.to_numpy())
    save(folder, "onnx_bfloat", casts(["BFLOAT16"]), numbers.to_numpy())
    save(folder, "onnx_endless", endless(), numbers.to_numpy())


def save(folder, name, model, rows):
    mlflow.onnx.save_model(model, f"{folder}/{name}", signature=infer_signature(rows), pip_requirements=[])


def predict_by_column(model, frame):
    import onnxruntime

    session = onnxruntime.InferenceSession(model.SerializeToString())
    types = {"tensor(float)": "float32", "tensor(int64)": "int64", "tensor(string)": "object"}
    feeds = {i.name: frame[[i.name]].to_numpy().astype(types[i.type]) for i in session.get_inputs()}
    label, probability = session.run(None, feeds)
    names = [output.name for output in session.get_outputs()]
    return pandas.DataFrame({names[0]: label, names[1]: probability})


def graph_model(nodes, inputs, outputs, opset=17):
    def infos(values):
        return [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in values]

    graph = helper.make_graph(nodes, "graph", infos(inputs), infos(outputs))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def sums(vectors):
    """Several inputs of one dimension: MLflow's own form of a table for a model of several inputs."""
    nodes, inputs, outputs = [], [], []
    for name, kind, _ in vectors:
        nodes.append(helper.make_node("Add", [name, name], [f"{name}_twice"]))
        inputs.append((name, kind, [None]))
        outputs.append((f"{name}_twice", kind, [None]))
    return graph_model(nodes, inputs, outputs)


def casts(kinds=("FLOAT", "DOUBLE", "FLOAT16", "BOOL", "STRING", "INT8", "INT16", "INT32", "INT64")):
    """The input in one type after the other; whole positive numbers for those that are unsigned."""
    nodes = [helper.make_node("Cast", ["x"], [kind.lower()], to=getattr(TensorProto, kind)) for kind in kinds]
    outputs = [(kind.lower(), getattr(TensorProto, kind), [None, 2]) for kind in kinds]
    nodes.append(helper.make_node("Shape", ["x"], ["shape"]))
    outputs.append(("shape", TensorProto.INT64, [2]))
    for kind in ("UINT8", "UINT16", "UINT32", "UINT64"):
        nodes.append(helper.make_node("Cast", ["shape"], [kind.lower()], to=getattr(TensorProto, kind)))
        outputs.append((kind.lower(), getattr(TensorProto, kind), [2]))
    return graph_model(nodes, [("x", TensorProto.FLOAT, [None, 2])], outputs)


def endless():
    """Counts further than anybody waits, unless its input is all zeros."""
    body_infos = [("i", TensorProto.INT64, []), ("go", TensorProto.BOOL, []), ("before", TensorProto.FLOAT, [None, 2])]
    infos = [helper.make_tensor_value_info(*info) for info in body_infos]
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["go_on"]),
            helper.make_node("Cos", ["before"], ["after"]),
        ],
        "body",
        infos,
        [
            helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("after", TensorProto.FLOAT, [None, 2]),
        ],
    )
    nodes = [
        helper.make_node("Constant", [], ["often"], value=helper.make_tensor("o", TensorProto.INT64, [], [1 << 60])),
        helper.make_node("ReduceMax", ["x"], ["largest"], keepdims=0),
        helper.make_node("Cast", ["largest"], ["is_wanted"], to=TensorProto.BOOL),
        helper.make_node("Loop", ["often", "is_wanted", "x"], ["y"], body=body),
    ]
    return graph_model(nodes, [("x", TensorProto.FLOAT, [None, 2])], [("y", TensorProto.FLOAT, [None, 2])])
