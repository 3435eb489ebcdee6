"""Import of an agency's staff: python -m benchmarks.importing [--database sqlite|postgresql].

10,000 employees with accounts and invitations, by `portal import` as an operator calls it. The
floor is reading the same file once. Prints one JSON line.
"""

import csv
import json
import os
import subprocess
import tempfile
import time
from datetime import date
from pathlib import Path

import click

from benchmarks.databases import database
from benchmarks.servers import PORTAL

EMPLOYEES = 10_000
AGENCY = ("--agency", "kota", "--create-agency", "Kota Contoh")


def staff(path: Path) -> None:
    lines = [
        f"{date(1970 + at % 25, 1 + at % 12, 1 + at % 28):%Y%m%d}2020{1 + at // 5000:02}"
        f"{1 + at // 2500 % 2}{at % 1000:03},Nama {at},pns,dinas,nama{at}@kota.example\n"
        for at in range(EMPLOYEES)
    ]
    path.write_text("nip,name,kind,office,email\n" + "".join(lines), encoding="utf-8")


def bring(url: str, kind: str, path: Path) -> float:
    """Seconds that one import took."""
    began = time.perf_counter()
    subprocess.run(
        [PORTAL, "import", *AGENCY, kind, str(path)], check=True, capture_output=True,
        env=os.environ | {"PORTAL_DATABASE_URL": url},
    )  # fmt: skip
    return time.perf_counter() - began


@click.command()
@click.option("--database", "engine", type=click.Choice(["sqlite", "postgresql"]), default="sqlite")
def main(engine: str) -> None:
    with tempfile.TemporaryDirectory() as folder, database(engine) as url:
        offices, employees = Path(folder, "offices.csv"), Path(folder, "employees.csv")
        offices.write_text("code,name,kind\ndinas,Dinas Contoh,dinas\n", encoding="utf-8")
        staff(employees)
        bring(url, "offices", offices)
        began = time.perf_counter()
        with employees.open(encoding="utf-8", newline="") as file:
            read = len(list(csv.DictReader(file)))
        floor = time.perf_counter() - began
        first, again = bring(url, "employees", employees), bring(url, "employees", employees)
    figures = {"benchmark": "importing", "engine": engine, "employees": read,
               "seconds": round(first, 1), "again_seconds": round(again, 1),
               "floor_seconds": round(floor, 2)}  # fmt: skip
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
