"""From scan to thanks on a cheap phone: Chromium with a processor four times slower, on slow 4G.

    python -m benchmarks.phone [--rounds 5]

The phone opens the address of a code, taps a face, taps send and waits for the receipt; a new
browser each time, with JavaScript and without. Prints seconds; the taps themselves take none.
"""

import json
import time
from statistics import median

import click
from playwright.sync_api import Browser, sync_playwright

from benchmarks.databases import database, open_counters
from benchmarks.servers import portal
from tests.browser import launch

# What Lighthouse and Chromium's developer tools call slow 4G, as applied to each request.
SLOW_4G = {
    "offline": False,
    "latency": 562.5,  # ms
    "downloadThroughput": 1_440 * 1000 / 8,  # bytes a second
    "uploadThroughput": 675 * 1000 / 8,
}
SLOW_DOWN = 4


def visit(browser: Browser, address: str, *, scripts: bool) -> dict[str, float]:
    """Seconds until the form can be tapped, and until the receipt stands there."""
    context = browser.new_context(
        viewport={"width": 360, "height": 780},
        locale="id-ID",
        has_touch=True,
        java_script_enabled=scripts,
    )
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_DOWN})
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.get_by_text("Sangat baik", exact=True).tap()
    chosen = time.perf_counter()
    page.get_by_role("button", name="Kirim penilaian").tap()
    page.locator("[data-receipt]").wait_for()
    done = time.perf_counter()
    context.close()
    return {"form": chosen - begun, "thanks": done - begun}


@click.command()
@click.option("--rounds", default=5, show_default=True)
def main(rounds: int) -> None:
    figures: dict[str, object] = {"rounds": rounds}
    with database("sqlite") as url, sync_playwright() as playwright:
        paths = open_counters(url, 1)
        with portal(url) as server:
            browser = launch(playwright.chromium)
            address = f"http://127.0.0.1:{server.port}{paths[0]}"
            for name, scripts in (("with_scripts", True), ("without_scripts", False)):
                runs = [visit(browser, address, scripts=scripts) for _round in range(rounds)]
                figures[name] = {
                    "form_s": round(median(run["form"] for run in runs), 2),
                    "thanks_s": round(median(run["thanks"] for run in runs), 2),
                    "slowest_s": round(max(run["thanks"] for run in runs), 2),
                }
            browser.close()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
