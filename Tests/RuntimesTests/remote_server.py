"""Another server with models: MLflow's own scoring server and the Open Inference Protocol over one model, and models that
misbehave. Prints its port, and ends when its standard input does.

    python remote_server.py MODEL_FOLDER
"""

import asyncio
import os
import socket
import sys
import threading

import mlflow.pyfunc
import numpy
import pandas
import uvicorn
from fastapi import Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from mlflow.pyfunc.scoring_server import init

model = mlflow.pyfunc.load_model(sys.argv[1])
app = init(model)
columns = model.metadata.get_input_schema().input_names()


@app.get("/v2/models/{name}")
def metadata(name: str):
    if name == "unknown":
        return JSONResponse({"error": "there is no model unknown"}, 404)
    if name == "matrix":
        inputs = [{"name": "rows", "datatype": "FP64", "shape": [-1, len(columns)]}]
    else:
        inputs = [{"name": column, "datatype": "FP64", "shape": [-1, 1]} for column in columns]
    return {"name": name, "inputs": inputs, "outputs": [{"name": "p", "datatype": "FP64", "shape": [-1, 2]}]}


@app.get("/v2/models/{name}/ready")
def ready(name: str):
    return JSONResponse({"name": name, "ready": name != "busy"}, 503 if name == "busy" else 200)


@app.post("/v2/models/{name}/infer")
async def infer(name: str, request: Request):
    body = await request.json()
    if name == "private" and request.headers.get("authorization") != "Bearer secret":
        return JSONResponse({"error": f"not for {request.headers.get('authorization')[7:]}"}, 401)
    if name == "slow":
        await asyncio.sleep(3600)
    if name in MISBEHAVIOUR:
        return MISBEHAVIOUR[name]()
    if name == "matrix":
        rows = numpy.array(body["inputs"][0]["data"], "float64").reshape(body["inputs"][0]["shape"])
        frame = pandas.DataFrame(rows, columns=columns)
    else:
        frame = pandas.DataFrame({each["name"]: numpy.array(each["data"], "float64") for each in body["inputs"]})
    predictions = model.predict(frame)
    outputs = [tensor("p", predictions)]
    if name == "pair":
        outputs.append(tensor("label", predictions.argmax(axis=1)))
    return {"model_name": name, "outputs": outputs}


def tensor(name, array):
    datatype = {"float64": "FP64", "int64": "INT64"}[str(array.dtype)]
    return {"name": name, "datatype": datatype, "shape": list(array.shape), "data": array.reshape(-1).tolist()}


def answering(output):
    return lambda: JSONResponse({"outputs": [output]})


MISBEHAVIOUR = {
    "text": lambda: PlainTextResponse("hello"),
    "large": lambda: PlainTextResponse("x" * 200_000),
    "empty": lambda: JSONResponse({"outputs": []}),
    "short": answering({"name": "p", "datatype": "FP64", "shape": [2, 2], "data": [1.0]}),
    "vast": answering({"name": "p", "datatype": "FP64", "shape": [1 << 62, 8], "data": [1.0]}),
    "wordy": answering({"name": "p", "datatype": "FP64", "shape": [1], "data": ["one"]}),
    "broken": lambda: JSONResponse({"error": "ZeroDivisionError"}, 500),
    "busy": lambda: JSONResponse({"error": "come back"}, 503, {"Retry-After": "7"}),
    "crowded": lambda: JSONResponse({"error": "too many"}, 429, {"Retry-After": "3"}),
    "strict": lambda: JSONResponse({"detail": [{"msg": "field required"}]}, 422),
    "moved": lambda: Response(status_code=307, headers={"Location": "http://127.0.0.1:9/"}),
}


def end_with_parent():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])
