"""Pages on paper: all that stands on them, on few sheets."""

import re
import subprocess
from html import unescape
from pathlib import Path

import pypdfium2
import pytest

from tests.browser import chromium
from tests.demo.conftest import Demo
from tests.demo.test_guide import signed_in

CSS = Path(__file__).parents[2] / "portal" / "static" / "portal.css"
LINK = re.compile(r'<link rel="stylesheet" href="/static/portal.css[^"]*">')
ROW = re.compile(r"<tr[ >].*?</tr>", re.DOTALL)
HEADING = re.compile(r"<(h2|summary)[ >].*?</\1>", re.DOTALL)
PRESSED = re.compile(
    r'<(button|label)[ >].*?</\1>|<a class="button.*?</a>|<summary>Tampilkan.*?</summary>',
    re.DOTALL,
)
FIGURE = re.compile(r'class="plot-figure num">([^<]+)<')


def told(html: str) -> str:
    """Its words."""
    return closed_up(unescape(re.sub(r"<[^>]*>", "", html)))


def closed_up(text: str) -> str:
    """Without space and hyphens: lines break elsewhere on paper, some of them at a hyphen."""
    return re.sub(r"[\s\ufffe-]", "", text)


def printed(html: str, folder: Path) -> list[str]:
    """The words of each sheet that Chromium makes of a page."""
    page, pdf = folder / "page.html", folder / "page.pdf"
    styled, times = LINK.subn(lambda _link: f"<style>{CSS.read_text()}</style>", html)
    assert times == 1
    page.write_text(styled)
    options = ["--headless", "--no-sandbox", "--no-pdf-header-footer", f"--print-to-pdf={pdf}"]
    subprocess.run([chromium(), *options, page.as_uri()], check=True, capture_output=True)
    return [sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(pdf)]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("coordinator", "/counters/1001"),
        ("coordinator", "/roster/leaves?office=11"),
        ("employee", "/my"),
    ],
)
def test_nothing_to_press_or_to_fill_in_is_on_paper(
    demo: Demo, tmp_path: Path, role: str, path: str
) -> None:
    html = signed_in(demo, demo.app.test_client(), demo.email(role)).get(path).text
    main = html.split("<main")[1]
    pressed = {told(found[0]) for found in PRESSED.finditer(main)}
    assert len(pressed) > 1
    paper = closed_up("".join(printed(html, tmp_path)))
    assert [label for label in pressed if label in paper] == []


@pytest.mark.browser
@pytest.mark.parametrize(
    ("role", "path", "most"),
    [
        ("supervisor", "/overview?office=11", 2),
        ("supervisor", "/today", 3),
        ("auditor", "/audit", 3),
        ("supervisor", "/records/102/2026-Q4", 4),
        ("supervisor", "/coverage?office=11&day=2026-11-09", 4),
    ],
)
def test_a_page_loses_nothing_on_paper_and_no_heading_ends_a_sheet(
    demo: Demo, tmp_path: Path, role: str, path: str, most: int
) -> None:
    client = signed_in(demo, demo.app.test_client(), demo.email(role))
    html = client.get(path).text
    sheets = printed(html, tmp_path)
    assert len(sheets) <= most
    rows, paper = ROW.findall(html), closed_up("".join(sheets))
    assert len(rows) > 4
    assert [row for row in rows if told(row) not in paper] == []
    assert [figure for figure in FIGURE.findall(html) if figure not in "".join(sheets)] == []
    headings = {told(heading[0]) for heading in HEADING.finditer(html)}
    ends = {closed_up(sheet.strip().splitlines()[-1]) for sheet in sheets}
    assert ends & headings == set()
