"""Chromium for the tests of the pages, and the few things that a person does with it."""

import shutil
import time
from contextlib import contextmanager

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
MARKS = [
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs Chromium and chromedriver"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # Selenium's own sockets
]
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
)
PATIENCE = 300


class Browser:
    """Chromium, and the few things that a person does with it."""

    def __init__(self, profile):
        from selenium.webdriver import Chrome, ChromeOptions
        from selenium.webdriver.chrome.service import Service

        options = ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in [*FLAGS.split(), f"--user-data-dir={profile}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = Chrome(options=options, service=Service(DRIVER))
        self.driver.set_script_timeout(PATIENCE)
        self.window(1440, 900)

    def window(self, width, height, pixels=1):
        size = {"width": width, "height": height, "deviceScaleFactor": pixels, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    @contextmanager
    def slow(self):
        """A machine of a twentieth of the speed, behind a network of 300 kB/s."""
        self.driver.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": 20})
        self.driver.set_network_conditions(latency=120, throughput=300_000)
        try:
            yield
        finally:
            self.driver.delete_network_conditions()
            self.driver.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": 1})

    def open(self, url):
        self.driver.get(url)
        self.until("document.body.dataset.shown")

    def js(self, code):
        return self.driver.execute_script(f"return {code}")

    def until(self, code):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if found := self.js(code):
                return found
            time.sleep(0.05)
        raise AssertionError(f"never: {code}; {self.complaints()}")

    def press(self, *keys):
        from selenium.webdriver import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def click(self, selector):
        from selenium.webdriver.common.by import By

        self.driver.find_element(By.CSS_SELECTOR, selector).click()

    def answer(self, how):
        """Do `how`, and wait until the next pair is shown."""
        shown = self.js("document.body.dataset.shown")
        how()
        self.until(f"document.body.dataset.shown && document.body.dataset.shown !== '{shown}'")

    def complaints(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]
