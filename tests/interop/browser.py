"""Looks at pages as a person would: `browser.py PROGRAM SCENARIO`.

Serves a script with PROGRAM and drives headless Chromium through what the scenario, one of the functions
below, is about. What is not as it should be ends with an error. `RICERCAR_SCREENSHOTS` names a folder that
pictures are kept in.
"""

import base64
import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

PATIENCE = 60
ROOT = pathlib.Path(__file__).resolve().parents[2]

SCRIPT = r"""
let told = ui::label("nothing yet");
let speed = ui::slider("Speed", 60, 200, #{ value: 120, step: 5, unit: "bpm" });
speed.on_change(|v| told.value = `speed ${v}`);
let key = ui::menu("Key", ["C major", "A minor"], #{ value: "C major" });
key.on_change(|v| told.value = `key ${v}`);
let count = ui::number("Count", #{ min: 1, max: 9, value: 3 });
count.on_change(|v| told.value = `count ${v}`);
let lock = ui::check_box("Lock");
lock.on_change(|v| told.value = `lock ${v}`);
let name = ui::text("Name", #{ placeholder: "a name" });
name.on_change(|v| told.value = `name ${v}`);
let pad = ui::pad("Between", ["North", "East", "South", "West"]);
pad.on_change(|v| told.value = `pad ${v[0]} ${v[1]}`);
let press = ui::button("Press", #{ hint: "presses" });
press.on_click(|| told.value = "pressed");
let wrong = ui::button("Wrong");
wrong.on_click(|| throw "a planted mistake");
let endless = ui::button("Endless");
endless.on_click(|| loop {});
let hostile = ui::label("<img src=x onerror=alert(1)> **bold** `<b>code</b>`");
let roll = ui::roll((), #{ play: true });
roll.label = "Piece";
let file = ui::upload("Your file", #{ accept: [".mid"] });
file.on_change(|song| { roll.value = song; told.value = "file taken" });
let take = ui::download("Take it home", "song.mid", || roll.value);
let more = ui::drawer("More", [name, pad]);
ui::page("A test", [told, ui::row([speed, key, count, lock]), ui::row([press, wrong, endless]), roll, file, take, hostile, more]);
"""


class Page:
    """A served script in a browser."""

    def __init__(self, address, width=1280, height=900, dark=False):
        self.address = address
        self.downloads = tempfile.mkdtemp()
        options = Options()
        for word in ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]:
            options.add_argument(word)
        options.add_experimental_option("prefs", {"download.default_directory": self.downloads})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(executable_path=which("chromedriver")))
        self.resize(width, height)
        if dark:
            feature = {"name": "prefers-color-scheme", "value": "dark"}
            self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def open(self):
        self.driver.get(self.address)
        self.ready()
        return self

    def ready(self):
        until(lambda: len(self.all(".widget")) > 2, "the page comes up")

    def resize(self, width, height):
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def widget(self, label):
        """The frame of the widget with that label."""
        for widget in self.all(".widget"):
            words = widget.find_elements(By.CSS_SELECTOR, ":scope > .label .words, :scope > button, :scope > label .words, :scope > summary .words, :scope > .roll-head .words")
            if any(word.get_attribute("textContent") == label for word in words):
                return widget
        raise AssertionError(f"no widget {label}")

    def control(self, label):
        return self.widget(label).find_element(By.CSS_SELECTOR, "input, select, textarea, button, .plane, summary")

    def press(self, words):
        def pressed():
            button = next((button for button in self.all("button") if button.text == words), None)
            if button:
                self.press_element(button)
            return button

        until(pressed, f"the button {words} can be pressed")

    def press_element(self, element):
        """Presses what may lie below the bar at the bottom."""
        self.script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def told(self):
        return self.script("return document.querySelector('.text-block')?.innerText ?? ''").strip()

    def tells(self, text):
        until(lambda: self.told() == text, f"the page tells `{text}`", self.told)

    def transport(self, name):
        return self.script("return document.getElementById('transport').dataset[arguments[0]]", name)

    def position(self):
        return float(self.transport("position") or 0)

    def picture(self, name):
        folder = os.environ.get("RICERCAR_SCREENSHOTS")
        if folder:
            self.driver.save_screenshot(os.path.join(folder, f"{name}.png"))

    def mistakes(self):
        """What the browser complains of, and what it has fetched from elsewhere."""
        told = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]
        # Music may have changed before its sound was fetched ahead, which is no mistake.
        told = [line for line in told if not re.search(r"/sound/\S+\.wav .* 404 ", line)]
        fetched = self.script("return performance.getEntriesByType('resource').map(entry => entry.name)")
        return told + [name for name in fetched if not re.match(r"(http|ws)://127\.0\.0\.1:|blob:|data:", name)]

    def close(self):
        self.driver.quit()


def which(program):
    import shutil

    return shutil.which(program)


def until(holds, what, shown=lambda: ""):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        # What is looked at may be drawn anew at any time.
        with contextlib.suppress(StaleElementReferenceException):
            if holds():
                return
        time.sleep(0.05)
    raise AssertionError(f"in vain: {what}; {shown()}")


def same(got, wanted):
    assert got == wanted, f"{got!r} is not {wanted!r}"


@contextlib.contextmanager
def served(program, script=SCRIPT):
    with tempfile.TemporaryDirectory() as folder:
        words = [program, "serve", "--port", "0"]
        if script is not None:
            path = pathlib.Path(folder) / "page.rhai"
            path.write_text(script)
            words.append(str(path))
        server = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder)
        try:
            yield server.stdout.readline().strip(), server
        finally:
            server.kill()
            server.wait()


@contextlib.contextmanager
def page(program, script=SCRIPT, **size):
    with served(program, script) as (address, _):
        made = Page(address, **size)
        try:
            yield made.open()
            same(made.mistakes(), [])
        finally:
            made.close()


def upload(made, name="two_notes.mid"):
    made.control("Your file").send_keys(str(ROOT / "tests" / "golden" / "serve" / name))


def drop(made, path):
    """Drops a file on the widget that takes one."""
    made.script(
        """
        const [target, name, text] = arguments;
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([bytes], name));
        for (const kind of ["dragover", "drop"]) {
          const event = new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer });
          // A browser shows the file in the place of the page unless somebody prevents it.
          if (target.dispatchEvent(event)) throw new Error(`${kind} is not wanted`);
        }
        """,
        made.widget("Your file").find_element(By.CSS_SELECTOR, ".drop"),
        path.name,
        base64.b64encode(path.read_bytes()).decode(),
    )


def gestures(program):
    with page(program) as made:
        slider = made.control("Speed")
        box = slider.rect
        ActionChains(made.driver).click_and_hold(slider).move_by_offset(int(box["width"] / 2) + 9, 0).release().perform()
        made.tells("speed 200")
        same(made.widget("Speed").find_element(By.TAG_NAME, "output").text, "200 bpm")
        made.control("Key").send_keys("A")
        made.tells("key A minor")
        made.control("Lock").click()
        made.tells("lock true")
        made.control("Press").click()
        made.tells("pressed")
        made.control("More").click()
        plane = made.control("Between")
        made.script("arguments[0].scrollIntoView({block: 'center'})", plane)
        half = int(plane.rect["width"] / 2)
        ActionChains(made.driver).move_to_element_with_offset(plane, half - 12, -half + 12).click().perform()
        until(lambda: re.match(r"pad 0\.9\d* 0\.0", made.told()), "the pad moves", made.told)
        same(made.script("return document.documentElement.scrollWidth"), 1280)


def keys(program):
    with page(program) as made:
        made.script("document.activeElement.blur()")
        seen = []
        for _ in range(40):
            ActionChains(made.driver).send_keys(Keys.TAB).perform()
            where = made.script("const at = document.activeElement; return at.getAttribute('aria-label') || at.labels?.[0]?.textContent || at.textContent")
            seen.append(where.strip()[:40])
            if "More" in where:
                break
        text = " | ".join(seen)
        for label in ["Speed", "Key", "Count", "Lock", "Press", "Wrong", "Your file", "Take it home", "More"]:
            assert label in text, f"{label} cannot be reached by keys: {text}"
        made.control("Speed").send_keys(Keys.ARROW_RIGHT)
        made.tells("speed 125")
        made.control("Press").send_keys(Keys.ENTER)
        made.tells("pressed")
        made.control("Lock").send_keys(Keys.SPACE)
        made.tells("lock true")
        made.control("More").send_keys(Keys.ENTER)
        until(lambda: made.control("Name").is_displayed(), "the drawer opens")
        made.control("Name").send_keys("Bach", Keys.ENTER)
        made.tells("name Bach")
        plane = made.control("Between")
        plane.send_keys(Keys.HOME, Keys.ARROW_RIGHT, Keys.ARROW_DOWN)
        until(lambda: made.told().startswith("pad 0.55 0.55"), "the pad moves by keys", made.told)
        assert "North" in plane.get_attribute("aria-valuetext")
        # Every control has a name, and the ring of the one with the focus is seen.
        nameless = made.script(
            "return [...document.querySelectorAll('button, input, select, textarea, [role=slider]')]"
            ".filter(e => e.offsetParent && !(e.labels?.length || e.textContent.trim() || e.getAttribute('aria-label')))"
            ".map(e => e.outerHTML)"
        )
        same(nameless, [])


def play(program):
    with page(program) as made:
        upload(made)
        made.tells("file taken")
        until(lambda: made.all(".roll-head .play:not([disabled])"), "there is something to play")
        button = made.one(".roll-head .play")
        time.sleep(1)
        button.click()
        until(lambda: made.transport("state") == "playing" and made.position() > 0, "the music plays")
        print("milliseconds from click to sound:", made.transport("latency"))
        first = made.position()
        until(lambda: made.position() > first, "the playhead moves on")
        head = made.one(".playhead")
        assert head.is_displayed()
        places = []
        until(lambda: places.append(made.position()) or any(b < a for a, b in zip(places, places[1:])), "it loops")
        button.click()
        until(lambda: made.transport("state") == "paused", "it pauses")
        made.one("main").send_keys(Keys.SPACE)
        until(lambda: made.transport("state") == "playing", "the space bar plays it")
        made.one("main").send_keys(Keys.SPACE)
        until(lambda: made.transport("state") == "paused", "the space bar pauses it")
        made.script("const seek = document.querySelector('.seek'); seek.value = 0.5; seek.dispatchEvent(new Event('input'))")
        until(lambda: abs(made.position() - 1) < 0.05, "it is put to the middle of its two seconds", made.position)
        # Without the loop it ends by itself.
        loop = next(b for b in made.all("#transport button") if b.text == "Loop")
        loop.click()
        button.click()
        until(lambda: made.transport("state") == "playing", "it plays from there")
        until(lambda: made.transport("state") == "paused" and made.position() == 0, "it ends by itself")


CHANGING = r"""
fn long(note) { let notes = ""; for n in 0..200 { notes += note + " "; } music::line("bass", notes).to_song() }
let roll = ui::roll(long("C2"), #{ label: "Piece", play: true });
let other = ui::button("Other");
other.on_click(|| roll.value = long("D2"));
ui::page("Music that changes", [roll, other]);
"""


def hasty(program):
    with page(program, CHANGING) as made:
        until(lambda: made.all(".roll-head .play:not([disabled])"), "there is something to play")
        # Before the sound of the one is there, the other takes its place.
        ActionChains(made.driver, duration=0).click(made.one(".roll-head .play")).click(made.control("Other")).perform()
        until(lambda: made.transport("state") == "playing" and made.position() > 0, "the other music plays")


FOUR_BARS = r"""
let roll = ui::roll(music::line("bass", "C2 D2 E2 F2 G2 A2 B2 C3 C3 B2 A2 G2 F2 E2 D2 C2").to_song().with_tempo(240),
    #{ label: "Piece", play: true });
ui::page("Four bars of a second each", [roll, ui::button("Nothing")]);
"""


def bars(program):
    with page(program, FOUR_BARS) as made:
        lane = made.one(".lane")
        until(lambda: "4 bars" in (lane.get_attribute("aria-description") or ""), "the roll shows the bars")
        told = lambda: made.one(".roll .unseen").get_attribute("textContent")
        box = lane.rect
        gutter = 84

        def ruler(bar):
            """The middle of a bar on the ruler, from the middle of the lane."""
            across = gutter + (box["width"] - gutter) * (bar - 0.5) / 4
            return int(across - box["width"] / 2), int(8 - box["height"] / 2)

        def act():
            return ActionChains(made.driver)

        def plays(first, behind):
            """Follows the music until it has come round, and looks that it was nowhere else."""
            until(lambda: first <= made.position() <= behind, "it plays there")
            places = []
            comes_round = lambda: places.append(made.position()) or any(b < a for a, b in zip(places, places[1:]))
            until(comes_round, "it comes round")
            assert first - 0.05 <= min(places) and max(places) <= behind + 0.05, places
            return places

        # By dragging.
        act().move_to_element_with_offset(lane, *ruler(2)).click_and_hold().move_to_element_with_offset(lane, *ruler(3)).release().perform()
        same(told(), "bars 2 to 3 are played")
        same(made.transport("state"), "paused")
        made.press_element(made.one(".roll-head .play"))
        until(lambda: made.transport("state") == "playing" and made.position() > 0, "the part plays")
        plays(1, 3)
        made.picture("bars")
        # A click beside the ruler goes to its place within the part only.
        x, y = ruler(4)
        act().move_to_element_with_offset(lane, x, y + 100).click().perform()
        plays(1, 3)
        # With Shift up to another bar; another bar alone; and given up by a second click.
        act().move_to_element_with_offset(lane, *ruler(4)).key_down(Keys.SHIFT).click().key_up(Keys.SHIFT).perform()
        same(told(), "bars 2 to 4 are played")
        act().move_to_element_with_offset(lane, *ruler(1)).click().perform()
        same(told(), "bar 1 is played")
        plays(0, 1)
        act().move_to_element_with_offset(lane, *ruler(1)).click().perform()
        same(told(), "all bars are played")
        until(lambda: made.position() > 3.5, "all of it plays")
        # By keys.
        lane.send_keys(Keys.HOME, Keys.SHIFT + Keys.ARROW_RIGHT + Keys.ARROW_RIGHT + Keys.ARROW_RIGHT)
        same(told(), "bars 1 to 3 are played")
        lane.send_keys(Keys.SHIFT + Keys.ARROW_LEFT)
        same(told(), "bars 1 to 2 are played")
        # Without the loop it ends where the part does, ready to play it again.
        act().move_to_element_with_offset(lane, *ruler(3)).click().perform()
        same(told(), "bar 3 is played")
        next(b for b in made.all("#transport button") if b.text == "Loop").click()
        until(lambda: made.transport("state") == "paused" and made.position() == 2, "it ends by itself", made.position)
        lane.send_keys(Keys.ESCAPE)
        same(told(), "all bars are played")


def files(program):
    with page(program) as made:
        upload(made)
        made.tells("file taken")
        lane = made.one(".roll-card .lane")
        until(lambda: "2 notes" in (lane.get_attribute("aria-description") or ""), "the roll shows it")
        lane.send_keys(Keys.ARROW_RIGHT)
        same(made.one(".roll .unseen").get_attribute("textContent").split(": ")[1], "C4, bar 1, beat 1, 1 beat long")
        lane.send_keys(Keys.ARROW_RIGHT)
        assert "E4, bar 1, beat 2" in made.one(".tip").text, made.one(".tip").text
        made.control("Take it home").click()
        path = pathlib.Path(made.downloads) / "song.mid"
        until(path.exists, "the file comes")
        assert path.read_bytes().startswith(b"MThd")
        # One that is dropped is taken as well.
        name = pathlib.Path(made.downloads) / "dropped.mid"
        name.write_bytes(path.read_bytes())
        drop(made, name)
        until(lambda: made.widget("Your file").find_element(By.CSS_SELECTOR, ".told").text == "dropped.mid", "it is taken")
        # What is too large is not even sent; what is no MIDI file is told at its widget.
        for name, content, words in [("large.mid", b"x" * (3 << 20), "taken at most"), ("bad.mid", b"MThd\0\0", "bad.mid")]:
            bad = pathlib.Path(made.downloads) / name
            bad.write_bytes(content)
            made.control("Your file").send_keys(str(bad))
            error = made.widget("Your file").find_element(By.CSS_SELECTOR, ".error")
            until(lambda: words in error.text, f"{name} is refused", lambda: error.text)


def troubles(program):
    with served(program) as (address, server):
        made = Page(address).open()
        made.control("Wrong").click()
        error = made.widget("Wrong").find_element(By.CSS_SELECTOR, ".error")
        until(lambda: "a planted mistake" in error.text, "the mistake is told", lambda: error.text)
        made.control("Endless").click()
        until(lambda: made.one("#work").is_displayed(), "slow work is shown")
        assert "Endless" in made.one("#doing").text
        made.one("#stop").click()
        until(lambda: not made.one("#work").is_displayed(), "the work is stopped")
        made.control("Press").click()
        made.tells("pressed")
        server.kill()
        until(lambda: "connection is lost" in made.one("#status").text, "the lost connection is told")
        made.close()


def tabs(program):
    with page(program) as made:
        made.control("Speed").send_keys(Keys.ARROW_RIGHT)
        made.tells("speed 125")
        first = made.driver.current_window_handle
        made.driver.switch_to.new_window("tab")
        made.open()
        same(made.told(), "nothing yet")
        made.control("Lock").click()
        made.tells("lock true")
        made.driver.switch_to.window(first)
        same(made.told(), "speed 125")
        same(made.control("Lock").is_selected(), False)
        made.driver.refresh()
        made.ready()
        same((made.told(), made.control("Speed").get_attribute("value")), ("speed 125", "125"))
        made.one("#anew").click()
        made.tells("nothing yet")


def markup(program):
    with page(program) as made:
        block = made.all(".text-block")[1]
        same(block.find_elements(By.CSS_SELECTOR, "img, b"), [])
        same(block.find_element(By.TAG_NAME, "strong").text, "bold")
        same(block.find_element(By.TAG_NAME, "code").text, "<b>code</b>")


def retraced(program):
    with page(program, None) as made:
        lines = lambda: made.script("return [...document.querySelectorAll('.lines li')].map((line) => line.textContent)")
        shown = lambda: made.one(".roll-card .lane").get_attribute("aria-description")
        until(lambda: made.all(".roll-card"), "the creator's music comes")

        def takes_home():
            made.press("MIDI")
            paths = list(pathlib.Path(made.downloads).glob("*.mid"))
            until(lambda: paths or paths.extend(pathlib.Path(made.downloads).glob("*.mid")), "the piece comes")
            content = paths[0].read_bytes()
            paths[0].unlink()
            return content

        first = shown()
        made.press("New phrase")
        until(lambda: len(lines()) == 1 and shown() != first, "there is another phrase")
        second, done = shown(), lines()
        ActionChains(made.driver).key_down(Keys.CONTROL).send_keys("z").perform()
        until(lambda: lines() == [] and shown() == first, "Ctrl+Z takes it back")
        ActionChains(made.driver).key_down(Keys.SHIFT).send_keys("z").key_up(Keys.SHIFT).key_up(Keys.CONTROL).perform()
        until(lambda: lines() == done and shown() == second, "Ctrl+Shift+Z does it again")
        # What the page calls a link opens another page as it is.
        piece = takes_home()
        made.script("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
        made.press("Copy link")
        link = made.script("return window.copied")
        assert link.startswith(made.address + "#"), link
        made.driver.switch_to.new_window("tab")
        made.open()
        same(lines(), [])
        assert takes_home() != piece
        made.driver.switch_to.new_window("tab")
        made.driver.get(link)
        made.ready()
        until(lambda: lines() == done and shown() == second, "the link opens the page as it was")
        same(takes_home(), piece)
        same(made.script("return location.hash"), "")


def creator(program):
    for name, size in {
        "light": {"width": 1280, "height": 900},
        "dark": {"width": 1280, "height": 900, "dark": True},
        "phone": {"width": 360, "height": 780},
    }.items():
        with page(program, None, **size) as made:
            width = size["width"]
            until(lambda: made.all(".roll-card"), "the creator's music comes")
            lines = lambda: len(made.all(".lines li"))
            made.press("Eight variations")
            until(lambda: lines() == 1 and len(made.all(".roll-card.small:not(.empty)")) == 8, "eight variations come")
            made.press_element(made.all(".pick")[2])
            until(lambda: lines() == 2, "every gesture is a line")
            until(lambda: not made.one("#work").is_displayed(), "the work is done")
            made.press_element(made.one(".roll-head .play"))
            until(lambda: made.transport("state") == "playing", "the phrase plays")
            print("milliseconds from click to sound:", made.transport("latency"))
            made.script("scrollTo(0, 0)")
            time.sleep(1)
            same(made.script("return document.documentElement.scrollWidth"), width)
            whole = made.script("return document.documentElement.scrollHeight")
            made.picture(f"creator-{name}")
            made.resize(width, whole)
            time.sleep(0.5)
            made.picture(f"creator-{name}-whole")


if __name__ == "__main__":
    globals()[sys.argv[2]](sys.argv[1])
