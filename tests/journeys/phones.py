"""What a citizen does at a counter's page with a phone, over a network that may fail."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from portal.db import db
from portal.ratings.models import Rating
from tests.journeys.network import Network, Portal

STORED = "Tersimpan di HP, belum terkirim"
SEND = "Kirim penilaian"

Phone = Callable[..., BrowserContext]
"""Takes a phone of its own, with or without JavaScript."""


@dataclass
class Counter:
    """A staffed counter, the network to it, and what the portal has of it."""

    portal: Portal
    network: Network
    code: str
    id: int

    @property
    def url(self) -> str:
        return f"{self.network.address}/n/{self.code}"

    def ratings(self) -> list[Rating]:
        with self.portal.app.app_context():
            rows = db.session.scalars(select(Rating).where(Rating.counter_id == self.id)).all()
            db.session.remove()
            return list(rows)

    def has_exactly_one(self) -> Rating:
        (rating,) = self.ratings()
        return rating


def opened(context: BrowserContext, counter: Counter, shelved: bool = False) -> Page:
    """The counter's page; `shelved`: until the phone keeps a copy of it."""
    page = context.new_page()
    page.goto(counter.url)
    if shelved:
        page.wait_for_function(
            "async path => navigator.serviceWorker.controller && await caches.match(path)"
            " && await caches.match('/offline')"
            " && (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated'",
            arg=f"/n/{counter.code}",
        )
    return page


def choose(page: Page, face: str = "Sangat baik") -> None:
    page.get_by_text(face, exact=True).click()


def rate(page: Page, face: str = "Sangat baik") -> None:
    choose(page, face)
    page.get_by_role("button", name=SEND).click()


def thanks(page: Page) -> str:
    """The receipt, once the portal has thanked."""
    expect(page.get_by_role("heading", name="Terima kasih")).to_be_visible(timeout=20_000)
    return page.locator("main").get_attribute("data-receipt") or ""
