"""A program of its own: makes of a CSV file of ratings a Parquet file. `parquet.py SOURCE PATH`

Started by `rating_writers`, imported by nobody: what it loads is 70 MB.
"""

import sys

import duckdb

TYPES = {
    "rating_id": "UUID",
    "first_day": "DATE",
    "last_day": "DATE",
    "office": "VARCHAR",
    "counter": "VARCHAR",
    "service": "VARCHAR",
    "channel": "VARCHAR",
    "language": "VARCHAR",
    "employee_id": "BIGINT",
    "counts_for": "VARCHAR",
    "attributed_by": "VARCHAR",
    "overall": "TINYINT",
    "ramah": "TINYINT",
    "cakap": "TINYINT",
    "cekatan": "TINYINT",
    "cause": "VARCHAR",
    "withdrawn": "BOOLEAN",
}
# It downloads nothing and spills to no folder.
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "100MB",
    "temp_directory": "",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


def main(source: str, path: str) -> None:
    connection = duckdb.connect(config=SETTINGS)
    lines = connection.read_csv(
        source, header=True, columns=TYPES, na_values="", delimiter=",",
        quotechar='"', escapechar='"', parallel=False, buffer_size=1 << 22,
    )  # fmt: skip
    lines.write_parquet(path, compression="zstd", row_group_size=30_720)


if __name__ == "__main__":
    main(*sys.argv[1:])
