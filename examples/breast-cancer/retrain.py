"""What an alert runs: trains on the old rows and on the labelled predictions since the drift began, registers the result,
and makes it champion if it beats the champion on rows that neither has seen."""

import os
import time

import mlflow
import pandas as pd
import requests
from mlflow.models import infer_signature

from data import TARGET, features, split
from models import log_dataset, scores, train_boosted

MODEL = "breast-cancer"
# A model is not worth training on fewer new rows than this.
MINIMUM_ROWS = 90
# Labels come later than predictions; how long to wait for enough of them, in seconds.
PATIENCE = 60


def main():
    rows = labelled_predictions()
    # Every third row is kept aside, to compare old and new on.
    held_out = rows.iloc[::3].reset_index(drop=True)
    fresh = rows.drop(rows.index[::3])
    train = pd.concat([split()[0], fresh], ignore_index=True)

    client = mlflow.MlflowClient()
    champion = client.get_model_version_by_alias(MODEL, "champion")
    mlflow.set_experiment("breast-cancer")
    with mlflow.start_run(run_name="retrained", tags={"martlet.alert": os.environ.get("MARTLET_ALERT_ID", "")}):
        log_dataset(train, "breast-cancer-train-and-relabelled")
        # From now on the changed instrument is what is normal, though most of the training rows come from before.
        log_dataset(fresh, "breast-cancer-relabelled", context="expected")
        model = train_boosted(train, held_out)
        new = scores(held_out[TARGET], model.predict(features(held_out)))
        old_model = mlflow.pyfunc.load_model(f"models:/{MODEL}/{champion.version}")
        old = scores(held_out[TARGET], probability(old_model.predict(features(held_out))))
        mlflow.log_metrics({**new, **{f"champion_{name}": value for name, value in old.items()}})
        info = mlflow.lightgbm.log_model(
            model,
            name="model",
            signature=infer_signature(features(train), model.predict(features(train))),
            input_example=features(train).head(2),
            registered_model_name=MODEL,
        )

    loss, champion_loss = new["held_out_log_loss"], old["held_out_log_loss"]
    print(f"version {info.registered_model_version}: log loss {loss:.4f}, champion {champion.version}: {champion_loss:.4f}")
    if loss < champion_loss:
        client.set_registered_model_alias(MODEL, "champion", str(info.registered_model_version))
        print(f"version {info.registered_model_version} is champion now")
    else:
        print("the champion stays")


def probability(output):
    """The probability of the positive class, whether a model answers with one column or two."""
    return output[:, 1] if getattr(output, "ndim", 1) == 2 else output


def labelled_predictions():
    """The predictions since the drift began whose labels are known, as rows of measurements and target."""
    deadline = time.monotonic() + PATIENCE
    while True:
        rows = fetch()
        if len(rows) >= MINIMUM_ROWS:
            return rows
        if time.monotonic() > deadline:
            raise SystemExit(f"only {len(rows)} labelled predictions since the drift began; {MINIMUM_ROWS} are needed")
        time.sleep(1)


def fetch():
    query = {
        "endpoint": os.environ["MARTLET_ENDPOINT"],
        "from": os.environ["MARTLET_WINDOW_START"],
        "labelled": "true",
        "limit": "1000",
    }
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    rows = []
    while True:
        answer = requests.get(
            f"{os.environ['MARTLET_URL']}/api/v1/predictions", params=query, headers=headers, timeout=60
        )
        answer.raise_for_status()
        page = answer.json()
        rows += [{**each["inputs"], TARGET: each["label"]} for each in page.get("predictions", [])]
        if "next_page_token" not in page:
            return pd.DataFrame(rows)
        query["page_token"] = page["next_page_token"]


if __name__ == "__main__":
    main()
