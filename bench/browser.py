"""A browser that a benchmark leads through pages: Debian's chromium over the WebDriver protocol (https://www.w3.org/TR/webdriver2/),
spoken plainly."""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import servers

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"enter": "\ue007", "control": "\ue009", "escape": "\ue00c"}


class DriverError(Exception):
    pass


class Browser:
    def __init__(self, port, arguments):
        self.port = port
        made = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"performance": "ALL"},
        }}})
        self.session = f"/session/{made['sessionId']}"

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        content = None if method != "POST" else json.dumps(body or {})
        connection.request(method, path, content, {"Content-Type": "application/json"})
        value = json.loads(connection.getresponse().read())["value"]
        connection.close()
        if isinstance(value, dict) and "error" in value:
            raise DriverError(f"{value['error']}: {value['message'].splitlines()[0]}")
        return value

    def post(self, path, body=None):
        return self.ask("POST", self.session + path, body)

    def open(self, url):
        self.post("/url", {"url": url})

    def run(self, script, *arguments):
        """Runs the body of a function in the page, and gives what it returns."""
        return self.post("/execute/sync", {"script": script, "args": list(arguments)})

    def tools(self, command, **parameters):
        """A command of Chrome's own protocol (https://chromedevtools.github.io/devtools-protocol/)."""
        return self.post("/goog/cdp/execute", {"cmd": command, "params": parameters})

    def wait(self, script, *arguments, seconds=30):
        """Asks until the body of a function returns something that is true."""
        end = time.monotonic() + seconds
        while not (found := self.run(script, *arguments)):
            if time.monotonic() > end:
                raise DriverError(f"it did not come: {script.strip()[:200]}")
            time.sleep(0.02)
        return found

    def events(self):
        """What the browser noted of its network since it was last asked."""
        return [json.loads(entry["message"])["message"] for entry in self.post("/se/log", {"type": "performance"})]

    # Input as a person's

    def actions(self, *sources):
        self.post("/actions", {"actions": list(sources)})

    def type(self, *keys, holding=None):
        around = [KEYS.get(holding, holding)] if holding else []
        steps = [{"type": "keyDown", "value": key} for key in around]
        for key in keys:
            steps += [{"type": kind, "value": KEYS.get(key, key)} for kind in ("keyDown", "keyUp")]
        self.actions({"type": "key", "id": "keyboard", "actions": steps + [{"type": "keyUp", "value": key} for key in around]})

    def click(self, element):
        self.drag(element, 0, 0, 0)

    def drag(self, element, start, end, steps=8):
        """Presses the pointer `start` pixels right of an element's middle and lets it go at `end`."""
        place = {"type": "pointerMove", "duration": 0, "origin": element, "y": 0}
        moves = [{**place, "x": round(start + (end - start) * step / steps)} for step in range(1, steps + 1)]
        self.actions({"type": "pointer", "id": "mouse", "actions": [
            {**place, "x": round(start)}, {"type": "pointerDown", "button": 0}, *moves, {"type": "pointerUp", "button": 0}]})

    def wheel(self, element, down):
        self.actions({"type": "wheel", "id": "wheel", "actions": [
            {"type": "scroll", "origin": element, "x": 0, "y": 0, "deltaX": 0, "deltaY": down, "duration": 0}]})


@contextlib.contextmanager
def running():
    """Starts a driver and a browser, with a profile that goes with them."""
    folder = tempfile.mkdtemp(prefix="martlet-bench-browser-")
    port = servers.free_port()
    driver = subprocess.Popen(
        ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        env={**os.environ, "TMPDIR": folder, "HOME": folder, "LANG": "C.UTF-8"})
    try:
        while not is_ready(port):
            time.sleep(0.05)
        browser = Browser(port, [
            "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars", "--lang=en",
            "--window-size=1280,900", "--disable-smooth-scrolling", f"--user-data-dir={pathlib.Path(folder) / 'profile'}"])
        yield browser
        browser.ask("DELETE", browser.session)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(driver.pid, signal.SIGTERM)
        driver.wait()
        shutil.rmtree(folder, ignore_errors=True)


def is_ready(port):
    with contextlib.suppress(OSError, KeyError, ValueError):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        connection.request("GET", "/status")
        return json.loads(connection.getresponse().read())["value"]["ready"]
    return False
