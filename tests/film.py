"""The pictures of docs/story.md and docs/kisah.md: python -m tests.film

Makes the demo as it stood at NOW, serves it, and takes each scene on a phone and at a desk, some
in the dark as well. What the scenes tell is held by tests/demo/test_story.py.
"""

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from PIL import Image
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from portal.demo import building
from portal.demo.accounts import PASSWORD
from tests.browser import WIDTHS, launch
from tests.conftest import NOW, settings_for
from tests.servers import Server

FOLDER = Path(__file__).parents[1] / "docs" / "story"
TALLEST = {"phone": 1400, "desk": 900}
CLOSED, OPEN = "2026-Q3", "2026-Q4"


@dataclass(frozen=True)
class Scene:
    """Who looks at which page, from which heading on; `story`: whose page it is."""

    name: str
    reader: str  # a role of the portal, or of the story
    story: str
    page: str
    heading: str = ""
    dark: bool = False


SCENES = (
    Scene("attacked-record", "supervisor", "attacked", f"/records/{{id}}/{OPEN}"),
    Scene(
        "attacked-set-aside",
        "attacked",
        "attacked",
        f"/records/{{id}}/{OPEN}",
        "Mengapa disisihkan",
    ),
    Scene("attacked-decision", "attacked", "attacked", "{decision}", dark=True),
    Scene(
        "stuffer-set-aside", "stuffer", "stuffer", f"/records/{{id}}/{CLOSED}", "Mengapa disisihkan"
    ),
    Scene(
        "stuffer-review",
        "appeals_officer",
        "stuffer",
        f"/records/{{id}}/{CLOSED}/set-aside",
        dark=True,
    ),
    Scene("weak-record", "supervisor", "weak_on_easy_service", f"/records/{{id}}/{CLOSED}"),
    Scene("weak-decision", "weak_on_easy_service", "weak_on_easy_service", "{decision}"),
    Scene(
        "weak-contest", "weak_on_easy_service", "weak_on_easy_service", "{decision}", "Tanggapan"
    ),
    Scene(
        "weak-improved",
        "supervisor",
        "weak_on_easy_service",
        f"/records/{{id}}/{OPEN}",
        "Sesudah keputusan",
        dark=True,
    ),
    Scene(
        "strong-record",
        "supervisor",
        "strong_on_hard_service",
        f"/records/{{id}}/{CLOSED}",
        dark=True,
    ),
    Scene("strong-decision", "strong_on_hard_service", "strong_on_hard_service", "{decision}"),
)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with demo() as (server, guide), sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        signed_in = {
            reader: sign_in(browser, server.address, email_of(guide, reader))
            for reader in dict.fromkeys(scene.reader for scene in SCENES)
        }
        for scene in SCENES:
            address = server.address + _path(guide, scene)
            for width, (across, down) in WIDTHS.items():
                for colours in ("light", "dark") if scene.dark else ("light",):
                    context = browser.new_context(
                        viewport={"width": across, "height": down},
                        locale="id-ID",
                        timezone_id="Asia/Jakarta",
                        color_scheme="dark" if colours == "dark" else "light",
                        reduced_motion="reduce",
                        storage_state=signed_in[scene.reader],
                    )
                    page = context.new_page()
                    open_page(page, address)
                    dark = "-dark" if colours == "dark" else ""
                    _take(page, scene, width, FOLDER / f"{scene.name}-{across}{dark}.png")
                    context.close()
        browser.close()


@contextmanager
def demo(**settings: str) -> Iterator[tuple[Server, dict[str, Any]]]:
    """A server of the demo city at NOW, and its demo.json; further settings by name."""
    with tempfile.TemporaryDirectory() as folder, patch("portal.clock.now", lambda: NOW):
        data = Path(folder)
        url = f"sqlite:///{building.database_path(data)}"
        server = Server(url, data / "server.log", {"PORTAL_ENVIRONMENT": "development", **settings})
        built = settings_for(url, public_url=server.address, environment="development")
        building.build(data, built, days=120, seed=1, say=lambda text: None)
        server.start()
        try:
            yield server, json.loads((data / "demo.json").read_text())
        finally:
            server.kill()


def email_of(guide: dict[str, Any], reader: str) -> str:
    """The first account of a role, or the own one of a person of the story."""
    people = {one["role_in_story"]: one["id"] for one in guide["employees"]}
    return str(
        next(
            account["email"]
            for account in guide["accounts"]
            if account["role"] == reader
            or (reader in people and account["employee_id"] == people[reader])
        )
    )


def _path(guide: dict[str, Any], scene: Scene) -> str:
    """The address of a scene: a record, or the decision about the person."""
    person = next(one for one in guide["employees"] if one["role_in_story"] == scene.story)
    hr = guide["pages"]["hr"]
    own = hr.index(f"/employees/{person['id']}") if "{decision}" in scene.page else 0
    decision = next((path for path in hr[own:] if path.startswith("/decisions/")), "")
    return scene.page.format(id=person["id"], decision=decision)


def sign_in(browser: Browser, address: str, email: str) -> StorageState:
    """Once for each reader: whoever signs in again and again is made to wait."""
    context = browser.new_context(locale="id-ID")
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.get_by_label("Alamat e-mail").fill(email)
    page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()
    page.wait_for_url(re.compile(r"/(home|my|today)$"))
    state = context.storage_state()
    context.close()
    return state


def open_page(page: Page, address: str) -> None:
    """The page itself, and neither an error nor the sign-in page in its place."""
    answer = page.goto(address)
    assert answer, address
    assert (answer.status, page.url) == (200, address)
    assert page.locator("h1").count() == 1, address


def _take(page: Page, scene: Scene, width: str, path: Path) -> None:
    """From the heading on, no taller than one can read."""
    across, _down = WIDTHS[width]
    top = 0.0
    if scene.heading:
        section = page.locator("section", has=page.get_by_role("heading", name=scene.heading))
        top = (section.last.bounding_box() or {"y": 0})["y"] - 12
    whole = int(page.evaluate("document.documentElement.scrollHeight"))
    shoot(page, path, across, min(TALLEST[width], whole - top), top)


def shoot(page: Page, path: Path, across: int, height: float, top: float = 0) -> None:
    clip = {"x": 0, "y": top, "width": across, "height": height}
    shot = page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]
    keep(Image.open(BytesIO(shot)), path)


def keep(picture: Image.Image, path: Path) -> None:
    """With no more colours than it needs."""
    picture.convert("RGB").quantize(200).save(path, optimize=True)


if __name__ == "__main__":
    main()
