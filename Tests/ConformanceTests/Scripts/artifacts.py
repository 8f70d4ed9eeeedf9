"""Artifacts: files, folders, texts, tables and figures, up, listed, down, and back as they were."""

import os
import pathlib
import tempfile

import matplotlib
import mlflow
import numpy
import pandas
from expecting import equal
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts, list_artifacts, load_dict, load_text
from mlflow.exceptions import MlflowException

matplotlib.use("Agg")
import matplotlib.pyplot  # noqa: E402

client = MlflowClient()
folder = pathlib.Path(tempfile.mkdtemp())
contents = {
    "a.txt": b"hello", "empty.bin": b"", "deep/er/b.bin": bytes(range(256)) * 25000, "deep/ü & ö.csv": b"x,y\n1,2\n",
    "deep/plus+and 100%.txt": b"%",
}
for name, data in contents.items():
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)

with mlflow.start_run() as run:
    mlflow.log_artifacts(str(folder), "all")
    mlflow.log_artifact(str(folder / "a.txt"))
    mlflow.log_text("some words", "texts/words.txt")
    mlflow.log_dict({"a": [1, 2.5, None]}, "config/a.json")
    mlflow.log_dict({"a": [1, 2.5]}, "config/a.yaml")
    mlflow.log_table({"x": [1, 2], "y": ["a", "b"]}, "table.json")
    mlflow.log_table(pandas.DataFrame({"x": [3], "y": ["c"]}), "table.json")
    figure = matplotlib.pyplot.figure()
    figure.gca().plot([1, 2, 3])
    mlflow.log_figure(figure, "figure.png")
    for step in range(2):
        mlflow.log_image(
            numpy.full((8, 8, 3), step, dtype=numpy.uint8), key="dogs/a b", step=step, synchronous=True)
run_id, root = run.info.run_id, run.info.artifact_uri


def listed(path=None):
    return {found.path: (found.is_dir, found.file_size) for found in client.list_artifacts(run_id, path)}


equal(set(listed()), {"a.txt", "all", "config", "figure.png", "images", "table.json", "texts"})
equal(listed()["a.txt"], (False, 5))
equal(listed()["all"], (True, None))
equal(set(listed("all")), {"all/a.txt", "all/deep", "all/empty.bin"})
equal(set(listed("all/deep")), {"all/deep/er", "all/deep/ü & ö.csv", "all/deep/plus+and 100%.txt"})
equal(listed("nowhere"), {})
images = [image for image in listed("images") if image.endswith(".png")]
equal([image.split("+")[:3] for image in sorted(images)], [["images/dogs~a b", "step", "0"], ["images/dogs~a b", "step", "1"]])
assert pathlib.Path(client.download_artifacts(run_id, images[0])).read_bytes().startswith(b"\x89PNG")
equal([found.path for found in list_artifacts(artifact_uri=f"{root}/texts")], ["texts/words.txt"])

there = pathlib.Path(client.download_artifacts(run_id, "all"))
for name, data in contents.items():
    assert (there / name).read_bytes() == data, name
equal(sum(len(files) for _, _, files in os.walk(there)), len(contents))
equal(pathlib.Path(download_artifacts(run_id=run_id, artifact_path="a.txt")).read_bytes(), b"hello")
equal(pathlib.Path(download_artifacts(f"runs:/{run_id}/all/empty.bin")).read_bytes(), b"")
equal(load_text(f"{root}/texts/words.txt"), "some words")
equal(load_dict(f"{root}/config/a.json"), {"a": [1, 2.5, None]})
equal(mlflow.load_table("table.json", run_ids=[run_id]).to_dict("list"), {"x": [1, 2, 3], "y": ["a", "b", "c"]})
assert pathlib.Path(download_artifacts(f"{root}/figure.png")).read_bytes().startswith(b"\x89PNG")

# Written again, it is the new one.
client.log_text(run_id, "other words", "texts/words.txt")
equal(load_text(f"{root}/texts/words.txt"), "other words")

try:
    download_artifacts(run_id=run_id, artifact_path="nowhere/x.txt")
except (MlflowException, OSError):
    pass
else:
    raise AssertionError("what is not there was downloaded")
try:
    client.log_text(run_id, "x", "../../outside.txt")
except MlflowException:
    pass
else:
    raise AssertionError("a file was written outside of the run")
