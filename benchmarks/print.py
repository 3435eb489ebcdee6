"""A long print run: time and memory, beside the QR matrices alone.

    python -m benchmarks.print [--posters 1000] [--labels 10000] [--sheet tj107 --sheet l7163 …]

The same path as `portal print` and the due work: part by part, each typeset by a process of its
own, two side by side. Memory is the most that this process held and twice what its largest child
did. Files are not kept.
"""

import json
import random
import resource
import time
from collections.abc import Sequence

import click

from portal.counters import qr
from portal.counters.codes import new_code, scan_address
from portal.counters.printing.labels import LABEL_SHEETS
from portal.counters.printing.making import House, Order, Piece, order_for, print_parts
from portal.counters.printing.typesetting import AT_ONCE

PUBLIC_URL = "https://suara.kotacontoh.go.id"
HOUSE = House("Pemerintah Kota Contoh", "KC", report_channel="wbs.kotacontoh.go.id")
SERVICES = ("KTP-el", "Kartu Keluarga", "Akta kelahiran", "Akta kematian", "Pindah datang")


def pieces(count: int) -> list[Piece]:
    """Counters of different offices, as a city has them; the same in every run."""
    source = random.Random(7)
    return [
        Piece(
            new_code(source=source),
            f"Dinas Pelayanan Terpadu Wilayah {number // 10 + 1}",
            f"Loket {number % 10 + 1}",
            SERVICES[: 1 + number % 5],
        )
        for number in range(count)
    ]


def seconds_of_matrices(wanted: Sequence[Piece]) -> float:
    """The floor: the library makes every matrix by itself, under one mask."""
    started = time.perf_counter()
    for piece in wanted:
        qr.masked(scan_address(PUBLIC_URL, piece.code))
    return time.perf_counter() - started


def processor_seconds() -> float:
    """Of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def run(wanted: Sequence[Piece], order: Order) -> dict[str, float]:
    started, used = time.perf_counter(), processor_seconds()
    sizes = [len(pdf) for _number, pdf in print_parts(wanted, order, HOUSE)]
    return {
        "seconds": round(time.perf_counter() - started, 2),
        "processor_seconds": round(processor_seconds() - used, 1),
        "files": len(sizes),
        "mb": round(sum(sizes) / 1e6, 1),
    }


@click.command()
@click.option("--posters", default=1000, show_default=True, help="A4 posters.")
@click.option("--labels", default=10000, show_default=True, help="Labels of each sheet.")
@click.option("--sheet", "sheets", multiple=True, default=["tj107"], show_default=True)
def main(posters: int, labels: int, sheets: Sequence[str]) -> None:
    seconds_of_matrices(pieces(10))  # the library is loaded once
    result: dict[str, object] = {}
    runs = [("posters", posters, order_for("poster-a4", PUBLIC_URL))] if posters else []
    for key in sheets:
        name = "labels" if key == "tj107" else key
        runs.append((name, labels, order_for("labels", PUBLIC_URL, sheet=LABEL_SHEETS[key])))
    for name, count, order in runs:
        wanted = pieces(count)
        floor = seconds_of_matrices(wanted)
        made = run(wanted, order)
        ratio = round(made["seconds"] / floor, 1)
        result[name] = {"count": count, **made, "floor_seconds": round(floor, 2), "ratio": ratio}
    own, child = (
        resource.getrusage(who).ru_maxrss // 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    result["memory_mib"] = own + AT_ONCE * child
    print(json.dumps(result))


if __name__ == "__main__":
    main()
