"""Says of a Parquet file what a data scientist sees who opens it with pandas."""

import json
import sys

import pandas

frame = pandas.read_parquet(sys.argv[1])
print(
    json.dumps(
        {
            "types": {name: str(kind) for name, kind in frame.dtypes.items()},
            "rows": json.loads(frame.to_json(orient="records", date_format="iso")),
            "mean_age": float(frame["input.age"].mean()) if "input.age" in frame else None,
        }
    )
)
