"""Trains the XGBoost models of the tests; `models.py` calls it."""

import mlflow
import numpy
import pandas
import xgboost
from mlflow.models import infer_signature


def save_all(folder, rows, labels, expect):
    matrix = rows.to_numpy()
    three = labels + numpy.arange(len(labels)) % 2

    def save(name, model, inputs=rows, model_format="ubj"):
        mlflow.xgboost.save_model(
            model,
            f"{folder}/{name}",
            signature=infer_signature(inputs),
            model_format=model_format,
            pip_requirements=[],
        )
        expect(folder, name, inputs[:40])

    def train(parameters, data=rows, target=labels, rounds=8):
        return xgboost.train({"nthread": 1, **parameters}, xgboost.DMatrix(data, target), rounds)

    save("xgb_booster", train({"objective": "binary:logistic"}))
    save("xgb_json", train({"objective": "multi:softprob", "num_class": 3}, target=three), model_format="json")
    save("xgb_softmax", train({"objective": "multi:softmax", "num_class": 3}, target=three))
    save("xgb_dart", train({"booster": "dart", "rate_drop": 0.5, "objective": "reg:squarederror"}))
    save("xgb_linear", train({"booster": "gblinear", "objective": "reg:squarederror"}))
    save("xgb_matrix", train({"objective": "binary:logistic"}, matrix), matrix)

    fast = {"n_estimators": 8, "n_jobs": 1}
    save("xgb_classifier", xgboost.XGBClassifier(**fast).fit(rows, labels))
    save("xgb_classes", xgboost.XGBClassifier(**fast).fit(rows, three))
    save("xgb_softmax_classes", xgboost.XGBClassifier(objective="multi:softmax", **fast).fit(rows, three))
    both = numpy.stack([labels == 0, three == 1, three == 2], axis=1).astype(int)
    save("xgb_labels", xgboost.XGBClassifier(**fast).fit(rows, both))
    save("xgb_regressor", xgboost.XGBRegressor(**fast).fit(rows, rows["mean area"] / 7))
    save("xgb_forest", xgboost.XGBRFRegressor(**fast).fit(rows, labels))
    stopped = xgboost.XGBClassifier(n_estimators=60, learning_rate=1.0, early_stopping_rounds=2, n_jobs=1)
    stopped.fit(rows[::2], labels[::2], eval_set=[(rows[1::2], labels[1::2])], verbose=False)
    assert stopped.best_iteration < 50
    save("xgb_stopped", stopped)
    stopped_regressor = xgboost.XGBRegressor(n_estimators=60, learning_rate=1.0, early_stopping_rounds=2, n_jobs=1)
    stopped_regressor.fit(rows[::2], labels[::2], eval_set=[(rows[1::2], labels[1::2])], verbose=False)
    save("xgb_stopped_regressor", stopped_regressor)

    mixed = pandas.DataFrame({"count": rows["mean area"].astype("int64") * 12_345_679, "is_large": rows["mean area"] > 600})
    mixed["share"] = rows["mean texture"].astype("float32").where(numpy.arange(len(rows)) % 5 > 0)
    save("xgb_mixed", xgboost.XGBClassifier(**fast).fit(mixed, labels), mixed)
