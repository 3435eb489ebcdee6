"""A program of its own: `parquet.py SOURCE PATH [SAID]` makes a CSV file of ratings a Parquet file.

The source is gone when it ends; the new file is there whole or not at all: who kills it leaves
only names that end with `.part`, and the next one writes over them. Started by
`rating_writers`, imported by nobody: what it loads is 70 MB.
"""

import sys
from pathlib import Path

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
    "memory_limit": "40MB",
    "temp_directory": "",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


def main(source: Path, path: Path, said: str = "") -> None:
    made = path.with_name(path.name + ".made.part")
    try:
        _convert(source, made)
        made.replace(path)
    except (duckdb.Error, OSError) as error:
        sys.exit(f"{path} could not be made: {error}")
    finally:
        source.unlink(missing_ok=True)
        made.unlink(missing_ok=True)
    if said:
        sys.stderr.write(said + "\n")


def _convert(source: Path, made: Path) -> None:
    connection = duckdb.connect(config=SETTINGS)
    lines = connection.read_csv(
        str(source), header=True, columns=TYPES, na_values="", delimiter=",",
        quotechar='"', escapechar='"', parallel=False, buffer_size=1 << 21,
    )  # fmt: skip
    lines.write_parquet(str(made), compression="zstd", row_group_size=20_480)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
