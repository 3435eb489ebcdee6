"""Files of ratings as CSV, XLSX and Parquet, written line by line in memory of a constant size."""

import csv
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from string import ascii_uppercase
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from portal.records.bulk import pieces
from portal.records.rating_files import COLUMNS
from portal.spreadsheets import BOM, cell

Lines = Iterable[Sequence[Any]]

AT_ONCE = 500
# Of one sheet, the names of columns among them: what spreadsheet programs open at most.
SHEET_ROWS = 1_048_576
DAY = 1  # the style of days: the first that the frame asks for
LONGEST = 600  # seconds
UNFINISHED = ".part"  # behind the name of a file until it is whole
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # in XML
_PARQUET = Path(__file__).with_name("parquet.py")


class NotConverted(RuntimeError):
    """The file could not be written as Parquet; its words are the reason."""


def parquet_installed() -> bool:
    """Looked for, not loaded: it would stay in memory."""
    return find_spec("duckdb") is not None


def plain(value: Any) -> Any:
    """A value for a file that is not opened as a spreadsheet: text as it is."""
    return value


def xml(value: Any) -> str:
    """A value as a cell of a sheet: days as days, text never as a formula."""
    if value is None:
        return "<c/>"
    if isinstance(value, date):
        return f'<c s="{DAY}"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    if isinstance(value, str):
        text = escape(_UNWRITABLE.sub("", value))
        space = ' xml:space="preserve"' if text != text.strip() else ""
        return f'<c t="inlineStr"><is><t{space}>{text}</t></is></c>'
    return f"<c><v>{value}</v></c>"


CELLS: dict[str, Callable[[Any], Any]] = {"csv": cell, "xlsx": xml, "parquet": plain}


def csv_text(lines: Lines, *, begins: bool = True, mark: bool = True) -> Iterator[str]:
    """The text of a CSV file by pieces; with the names of columns if the file begins here, and
    before them the mark by which spreadsheets know UTF-8."""
    if begins:
        yield (BOM if mark else "") + _as_text([COLUMNS])
    for piece in pieces(lines, AT_ONCE):
        yield _as_text(piece)


def _as_text(rows: Lines) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def write_csv(path: Path, lines: Lines, *, begins: bool = True, mark: bool = True) -> None:
    """What `csv_text` tells, as a file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        file.writelines(csv_text(lines, begins=begins, mark=mark))


def write_xlsx(path: Path, lines: Lines, total: int) -> None:
    """A workbook of as many sheets as so many lines need.

    XlsxWriter makes all of it but the lines: cell by cell a million of them would take it minutes.
    """
    most = SHEET_ROWS - 1  # and one of names
    sheets = [min(most, total - at) for at in range(0, total, most)] or [0]
    waiting = iter(lines)
    options: dict[str, Any] = {"compression": ZIP_DEFLATED, "compresslevel": 1}
    with ZipFile(_frame(len(sheets))) as frame, ZipFile(path, "w", **options) as book:
        for name in frame.namelist():
            if not name.startswith("xl/worksheets/"):
                book.writestr(name, frame.read(name))
        for number, rows in enumerate(sheets, 1):
            name = f"xl/worksheets/sheet{number}.xml"
            head, tail = _around_lines(frame.read(name).decode(), rows)
            with book.open(name, "w") as sheet:
                sheet.write(head)
                sheet.writelines(_sheet_rows(islice(waiting, rows)))
                sheet.write(tail)


def _frame(sheets: int) -> io.BytesIO:
    """The workbook with the names of columns alone."""
    import xlsxwriter  # noqa: PLC0415  no page needs it before such a file is asked for

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        for _number in range(sheets):
            sheet = book.add_worksheet()
            sheet.set_column(0, 0, 38)
            sheet.set_column(1, 2, 12, day)
            sheet.write_row(0, 0, COLUMNS, bold)
            sheet.freeze_panes(1, 0)
    made.seek(0)
    return made


def _around_lines(sheet: str, rows: int) -> tuple[bytes, bytes]:
    """What stands before and after the lines; readers are told how far they go."""
    end = f"{ascii_uppercase[len(COLUMNS) - 1]}{rows + 1}"
    sheet = re.sub(r'<dimension ref="[^"]*"', f'<dimension ref="A1:{end}"', sheet, count=1)
    head, closing, tail = sheet.partition("</sheetData>")
    return head.encode(), (closing + tail).encode()


def _sheet_rows(lines: Lines) -> Iterator[bytes]:
    row = 1
    for piece in pieces(lines, AT_ONCE):
        text = []
        for key, *cells in piece:
            row += 1
            text.append(f'<row r="{row}">{xml(key)}{"".join(cells)}</row>')
        yield "".join(text).encode()


def write_parquet(path: Path, lines: Lines) -> None:
    """Made of a CSV file by a process of its own, whose memory is given back. Raises
    NotConverted."""
    source = _lines_of(path, lines)
    done = subprocess.run(  # noqa: S603  our own program on files of our own
        _parquet_program(source, path), capture_output=True, timeout=LONGEST, check=False
    )
    if done.returncode != 0:
        raise NotConverted(done.stderr.decode(errors="replace")[-2000:])


def end_as_parquet(path: Path, lines: Lines, said: str) -> None:
    """The same by this very process, which ends with it: what it held and what the other needs
    are never in memory together. `said` are its last words, if all went well."""
    program = _parquet_program(_lines_of(path, lines), path, said)
    os.execv(program[0], program)  # noqa: S606  our own program on files of our own


def _lines_of(path: Path, lines: Lines) -> Path:
    source = path.with_name(path.name + UNFINISHED)
    write_csv(source, lines, mark=False)
    return source


def _parquet_program(*arguments: object) -> list[str]:
    return [sys.executable, "-I", *map(str, (_PARQUET, *arguments))]
