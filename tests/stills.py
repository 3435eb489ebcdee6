"""The pictures of both READMEs and of docs/panduan-petugas.md: python -m tests.stills

The same city at the same moment as in tests/film.py, some pages as far as one reads them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from tests.browser import WIDTHS, launch
from tests.film import OPEN, demo, email_of, keep, open_page, shoot, sign_in

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
CITIZEN = ""
A4 = 60 / 72  # of a PDF's points to a pixel


@dataclass(frozen=True)
class Still:
    """Who looks at which page, how wide, and down to where."""

    name: str
    reader: str
    page: str
    width: str = "desk"
    tallest: int = 800


STILLS = (
    Still("rate", CITIZEN, "/n/{code}", "phone", 780),
    Still("check-in", "employee", "/check-in", "phone", 780),
    Still("record", "employee", f"/records/{{strong}}/{OPEN}", "phone", 780),
    Still("record", "supervisor", f"/records/{{attacked}}/{OPEN}", tallest=1000),
    Still("records", "supervisor", "/records"),
    Still("decide", "supervisor", f"/records/{{strong}}/{OPEN}/decide", tallest=1065),
    Still("contest", "appeals_officer", "{contest}", "phone", 1700),
    Still("integrity", "inspector", "/integrity"),
    Still("duties", "coordinator", "/duties?office={office}"),
    Still("counter", "coordinator", "/counters/{counter}"),
)
PUBLIC_URL = "https://loket.cempaka.example"  # stands on the poster


def main() -> None:
    with demo(PORTAL_PUBLIC_URL=PUBLIC_URL) as (server, guide), sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        signed_in: dict[str, StorageState | None] = {
            reader: sign_in(browser, server.address, email_of(guide, reader))
            for reader in dict.fromkeys(still.reader for still in STILLS if still.reader)
        }
        with _page(browser, "desk", signed_in["appeals_officer"]) as page:
            open_page(page, f"{server.address}/contests")
            contest = page.locator('main a[href^="/contests/"]').first.get_attribute("href")
        names = _names(guide) | {"contest": contest}
        for still in STILLS:
            with _page(browser, still.width, signed_in.get(still.reader)) as page:
                open_page(page, server.address + still.page.format(**names))
                _take(page, still.name, still.width, still.tallest)
                if still.name == "rate":
                    _take_receipt(page)
        with _page(browser, "desk", signed_in["coordinator"]) as page:
            poster = page.request.get(f"{server.address}/codes/{names['code']}/poster.pdf").body()
        keep(pypdfium2.PdfDocument(poster)[0].render(scale=A4).to_pil(), FOLDER / "poster.png")
        browser.close()


def _names(guide: dict[str, Any]) -> dict[str, Any]:
    """What stands in the addresses: two people of the story, the first counter of the guide."""
    people = {one["role_in_story"]: one["id"] for one in guide["employees"]}
    scan = guide["scan"][0]
    office = next(path for path in guide["pages"]["coordinator"] if "/duties?office=" in path)
    return {
        "strong": people["strong_on_hard_service"],
        "attacked": people["attacked"],
        "code": scan["code"],
        "counter": scan["counter_id"],
        "office": office.partition("=")[2],
    }


@contextmanager
def _page(browser: Browser, width: str, state: StorageState | None) -> Iterator[Page]:
    across, down = WIDTHS[width]
    context = browser.new_context(
        viewport={"width": across, "height": down},
        locale="id-ID",
        timezone_id="Asia/Jakarta",
        reduced_motion="reduce",
        storage_state=state,
    )
    yield context.new_page()
    context.close()


def _take(page: Page, name: str, width: str, tallest: int) -> None:
    across, _down = WIDTHS[width]
    whole = int(page.evaluate("document.documentElement.scrollHeight"))
    shoot(page, FOLDER / f"{name}-{across}.png", across, min(tallest, whole))


def _take_receipt(page: Page) -> None:
    page.locator("input[name=overall][value='4']").check(force=True)
    page.get_by_role("button", name="Kirim penilaian", exact=True).click()
    page.locator("[data-receipt]").wait_for()
    _take(page, "receipt", "phone", 780)


if __name__ == "__main__":
    main()
