"""A database as a team leaves it after years, written straight into the tables of an empty `martlet.db`: 50 experiments
of 1,500 runs, each run with 100 metrics of 20 steps and 50 params. Scale 0.01 has a hundredth of the runs.

The values are pseudo-random and the same for every scale: metric `m0` is even over 0 to 1, param `p0` one of ten digits,
`p1` one of a thousand numbers, `p2` different in every run.
"""

import random
import sqlite3

EXPERIMENTS, RUNS, METRICS, STEPS, PARAMS = 50, 1500, 100, 20, 50
START_MS = 1_600_000_000_000


def fill(database, scale=0.01, metrics=METRICS, steps=STEPS, params=PARAMS, experiments=EXPERIMENTS):
    """Adds the experiments to a database whose server is not running; how many runs they have."""
    runs = max(1, round(RUNS * scale))
    with sqlite3.connect(database, isolation_level=None) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -500000")
        connection.execute("BEGIN")
        indexes = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN"
            " ('runs', 'run_tags', 'params', 'latest_metrics')").fetchall()
        # Indexes are made faster than they are kept.
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}")
        for number in range(experiments):
            add_experiment(connection, number, runs, metrics, steps, params)
        for _, sql in indexes:
            connection.execute(sql)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return experiments * runs


def insert(connection, table, columns, rows):
    places = ", ".join("?" * len(columns.split(",")))
    connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)


def add_experiment(connection, number, runs, metrics, steps, params):
    numbers = random.Random(number)
    name = f"fixture-{number}"
    experiment = connection.execute(
        "INSERT INTO experiments (name, artifact_location, lifecycle_stage, creation_time, last_update_time)"
        " VALUES (?, '', 'active', ?, ?)", (name, START_MS + number, START_MS + number)).lastrowid
    connection.execute(
        "UPDATE experiments SET artifact_location = ? WHERE experiment_id = ?",
        (f"mlflow-artifacts:/{experiment}", experiment))
    ids = [f"{numbers.getrandbits(128):032x}" for _ in range(runs)]
    starts = [START_MS + numbers.randrange(10**11) for _ in ids]
    insert(
        connection, "runs",
        "run_id, experiment_id, run_name, user_id, status, start_time, end_time, artifact_uri, lifecycle_stage",
        ((run, experiment, f"{name}-{place}", "bench", "FINISHED", start, start + 60_000,
          f"mlflow-artifacts:/{experiment}/{run}/artifacts", "active")
         for place, (run, start) in enumerate(zip(ids, starts))))
    insert(
        connection, "run_tags", "run_id, key, value",
        ((run, "mlflow.runName", f"{name}-{place}") for place, run in enumerate(ids)))
    insert(
        connection, "params", "run_id, key, value",
        ((run, f"p{key}", param(numbers, key, run)) for run in ids for key in range(params)))
    for run, start in zip(ids, starts):
        add_metrics(connection, experiment, run, start, metrics, steps, numbers)
    keys = [("metric", f"m{key}") for key in range(metrics)] + [("param", f"p{key}") for key in range(params)]
    insert(
        connection, "experiment_keys", "experiment_id, kind, key",
        ((experiment, kind, key) for kind, key in keys + [("tag", "mlflow.runName")]))


def param(numbers, key, run):
    return run if key == 2 else str(numbers.randrange(1000 if key == 1 else 10))


def add_metrics(connection, experiment, run, start, metrics, steps, numbers):
    first = connection.execute("SELECT COALESCE(MAX(series_id), 0) + 1 FROM latest_metrics").fetchone()[0]
    histories = [[numbers.random() for _ in range(steps)] for _ in range(metrics)]
    insert(
        connection, "latest_metrics",
        "series_id, run_id, experiment_id, key, timestamp, step, value, is_nan, first_timestamp, first_step, first_value,"
        " min_value, max_value",
        ((first + key, run, experiment, f"m{key}", start + steps - 1, steps - 1, values[-1], 0, start, 0, values[0],
          min(values), max(values)) for key, values in enumerate(histories)))
    insert(
        connection, "metrics", "series_id, timestamp, step, value, is_nan",
        ((first + key, start + step, step, value, 0)
         for key, values in enumerate(histories) for step, value in enumerate(values)))
