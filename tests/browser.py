"""A person at a browser: every page they come to must be sound, whatever else the journey tests."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserType, ConsoleMessage, Error, Page, expect

from tests.conftest import missing

SCREENSHOTS = Path(__file__).parent / "screenshots"
PICTURES = os.environ.get("PORTAL_TEST_PICTURES") == "1"
WIDTHS = {"phone": (360, 780), "desk": (1280, 800)}
PASSWORD = "melati-putih-harum"

# What sticks out to the right, apart from what scrolls inside its own frame.
_STICKS_OUT = """() => [...document.querySelectorAll('body *')].filter(item => {
  const box = item.getBoundingClientRect();
  if (box.width < 2 || box.height < 2 || box.right <= innerWidth + 1) return false;
  for (let up = item.parentElement; up; up = up.parentElement)
    if (getComputedStyle(up).overflowX !== 'visible') return false;
  return true;
}).map(item => item.outerHTML.slice(0, 120))"""


def chromium(*, windows: bool = False) -> str:
    """Debian's Chromium or PORTAL_TEST_CHROMIUM: a third faster where nobody needs its windows,
    but without some of what belongs to them, such as Background Sync."""
    kinds = ["chromium"] if windows else ["chromium-headless-shell", "chromium"]
    path = os.environ.get("PORTAL_TEST_CHROMIUM") or next(
        filter(None, map(shutil.which, kinds)), ""
    )
    if not path:
        missing(f"no Chromium: install {kinds[0]} or set PORTAL_TEST_CHROMIUM")
    return path


def launch(chrome: BrowserType, *, windows: bool = False) -> Browser:
    path = chromium(windows=windows)
    return chrome.launch(executable_path=path, args=["--no-sandbox"])


def without_network(page: Page, go: Callable[[], object]) -> None:
    """Goes as often as Chromium passes by a worker that did not start in time, as on a busy phone.

    Only then is the error that of the network: a worker without an answer fails in another way.
    """
    for _try in range(5):
        try:
            go()
        except Error as error:
            if not re.search("ERR_(INTERNET_DISCONNECTED|EMPTY_RESPONSE)", error.message):
                raise
            page.wait_for_timeout(1000)
        else:
            return
    go()


@dataclass
class Visitor:
    """One person with a browser of their own: own cookies, own width, in Indonesian."""

    page: Page
    address: str
    name: str  # of the journey, its engine and width; part of the screenshots' names
    scripts: bool
    session_of: Callable[[str], str] = field(repr=False, default=lambda email: "")
    complaints: list[str] = field(default_factory=list)
    steps: int = 0

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _console(self, message: ConsoleMessage) -> None:
        # A page that explains a 404 or 410 is an answer, not an error.
        known = "Failed to load resource: the server responded with a status of 4"
        if message.type in {"error", "warning"} and not message.text.startswith(known):
            self.complaints.append(message.text)

    def open(self, path: str, name: str = "", status: int = 200) -> None:
        answer = self.page.goto(path if "://" in path else f"{self.address}{path}")
        assert answer
        assert answer.status == status
        self.look(name)

    def follow(self, text: str, name: str = "") -> None:
        named = re.compile(f"^{re.escape(text)}")
        self.page.get_by_role("link", name=named).first.click()
        self.look(name)

    def press(self, text: str, name: str = "") -> None:
        self.page.get_by_role("button", name=text, exact=True).click()
        self.look(name)

    def send_rating(self) -> None:
        """With scripts the receipt follows when the portal has answered."""
        self.page.get_by_role("button", name="Kirim penilaian", exact=True).click()
        self.page.locator("[data-receipt]").wait_for()
        self.look()

    def look(self, name: str = "") -> None:
        """Look at the page: nothing about it may be wrong, and its picture is kept if asked for."""
        page = self.page
        page.wait_for_load_state()
        assert page.locator("html").get_attribute("lang") == "id"
        assert page.locator("h1").count() == 1
        heading = " ".join(page.locator("h1").inner_text().split())
        assert page.title().rsplit(" · ", 1)[0] == heading
        self._picture(name or heading)
        sticks_out = page.evaluate(_STICKS_OUT)
        assert sticks_out == [], sticks_out
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") <= 0
        if self.scripts and not self._seen:  # axe itself is a script
            found = Axe().run(page)
            assert not found.violations_count, found.generate_report()
        assert not self.complaints, f"{page.url}: {self.complaints}"

    def look_in_the_dark(self, name: str) -> None:
        """The same page at night; by day again afterwards."""
        self.page.emulate_media(color_scheme="dark")
        self.look(name)
        self.page.emulate_media(color_scheme="light")

    @property
    def _seen(self) -> bool:
        """The same pages once more: axe and a person's eyes judge them as SQLite's."""
        return "postgresql" in self.name

    def _picture(self, name: str) -> None:
        if self._seen or not PICTURES:
            return
        SCREENSHOTS.mkdir(exist_ok=True)
        self.steps += 1
        plain = "".join(letter if letter.isalnum() else "-" for letter in name.lower())[:40]
        path = SCREENSHOTS / f"{self.name}-{self.steps:02}-{plain}.png"
        self.page.screenshot(path=path, full_page=True)

    def sign_in(self, email: str) -> None:
        """As whoever signed in a moment ago: the page itself is for `sign_in_by_password`."""
        session = self.session_of(email)
        self.page.context.add_cookies([{"name": "session", "value": session, "url": self.address}])
        self.page.goto(f"{self.address}/home")

    def sign_in_by_password(self, email: str) -> None:
        # This page and the first one behind it are looked at once each, in journeys of their own.
        self.page.goto(f"{self.address}/sign-in")
        self.page.get_by_label("Alamat e-mail").fill(email)
        self.page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Masuk", exact=True).click()
        expect(self.page).to_have_url(re.compile(r"/(home|my|today)$"))  # by role
        self.page.goto(f"{self.address}/home")

    def sees(self, *texts: str) -> None:
        for text in texts:
            expect(self.page.locator("main")).to_contain_text(text)


@contextmanager
def visitor(
    browser: Browser,
    address: str,
    name: str,
    session_of: Callable[[str], str],
    *,
    width: str = "phone",
    scripts: bool = True,
) -> Iterator[Visitor]:
    across, down = WIDTHS[width]
    context = browser.new_context(
        viewport={"width": across, "height": down},
        locale="id-ID",
        timezone_id="Asia/Jakarta",
        java_script_enabled=scripts,
        accept_downloads=True,
        has_touch=width == "phone",
    )
    context.set_default_timeout(30_000)
    yield Visitor(context.new_page(), address, f"{name}-{width}", scripts, session_of)
    context.close()
