"""What a chart shows, a table beside it says."""

import re
from html import unescape

from benchmarks.pages import PUBLIC, walked
from tests.demo.conftest import Demo
from tests.demo.test_guide import signed_in

READERS = ("employee", "supervisor", "hr")
PLOTTED = re.compile(
    r'<div class="plot-row" role="listitem">\s*<span class="plot-name">([^<]*)</span>'
    r'(?:(?!</svg>).)*class="range"',
    re.DOTALL,
)
ROW = re.compile(r'<th scope="row">(.*?)</th>(.*?)</tr>', re.DOTALL)
INTERVAL = re.compile(r"\d\s*(?:sampai|–)\s*[+−±]?\d")


def told(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def test_every_figure_drawn_with_its_interval_stands_in_a_table_with_it(demo: Demo) -> None:
    """Of each kind of page that draws some."""
    client = demo.app.test_client()
    pages = [(path, client.get(path).text) for path in PUBLIC]
    for role in READERS:
        signed_in(demo, client, demo.email(role))
        paths = walked(client, demo.app, demo.guide["pages"][role])
        pages += [(path, client.get(path).text) for path in paths]
    drawn = 0
    for path, page in pages:
        for section in page.split("<section")[1:]:
            rows = [(told(name), told(rest)) for name, rest in ROW.findall(section)]
            for name in map(told, PLOTTED.findall(section)):
                drawn += 1
                assert any(row.startswith(name) and INTERVAL.search(rest) for row, rest in rows), (
                    path,
                    name,
                )
    assert drawn > 30
