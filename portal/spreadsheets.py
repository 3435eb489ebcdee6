"""Tables as files that spreadsheets open as they are."""

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

MIMETYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
BOM = "\ufeff"  # without it Excel reads UTF-8 as something else


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The text of a CSV file: names of columns, then rows; no text is taken for a formula."""
    file = io.StringIO()
    file.write(BOM)
    writer = csv.writer(file)
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return file.getvalue()


def as_workbook(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """An XLSX file in which every value is text: a number of 18 digits stays whole, and nothing is
    taken for a formula."""
    import xlsxwriter  # noqa: PLC0415  no page needs it before such a file is asked for

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        for at, row in enumerate(chain([columns], rows)):
            for across, value in enumerate(row):
                text = "" if value is None else str(value)
                sheet.write_string(at, across, text, None if at else bold)
        sheet.freeze_panes(1, 0)
        sheet.autofit(400)
    return file.getvalue()


def as_line(row: Sequence[Any]) -> str:
    """One row of such a file, for those that are written as they are read."""
    file = io.StringIO()
    csv.writer(file).writerow([cell(value) for value in row])
    return file.getvalue()


def cell(value: Any) -> Any:
    """A value as it stands in a file: numbers as they are, text never as a formula."""
    if isinstance(value, (int, float)):
        return value
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
