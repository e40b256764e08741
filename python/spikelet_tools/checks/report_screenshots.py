"""Makes the report of a bundled model and looks at it in a headless Chromium.

Measured in the browser, at the width of a desk and of a telephone, light and dark: nothing scrolls
sideways but the boxes that are meant to; text can be told from what lies behind it (4.5 : 1, WCAG
AA); the keyboard first reaches the link past the contents, then every link, summary and box in the
order of the page, and each shows that it has the focus. --pictures keeps the screenshots.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from spikelet_tools.deployments import find
from spikelet_tools.processes import spikelet, stop

BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
MOST_BYTES = 2_000_000
# Width, height and a word for them; a telephone has two pixels for one of the page.
SIZES = {"wide": (1280, 1500), "narrow": (390, 844)}
THEMES = {"light": 1, "dark": 0}
# Which part of the page a picture shows; nothing for its beginning.
PLACES = {("wide", "light"): "", ("wide", "dark"): "picture",
          ("narrow", "light"): "memory", ("narrow", "dark"): "accuracy"}

# What a page says of itself when it is asked, to the page around it.
PROBE = """
<script>
function numbers(colour) { return colour.match(/[\\d.]+/g).map(Number) }
function light(colour) {
  const [r, g, b] = numbers(colour).map(v => v / 255)
    .map(v => v > 0.03928 ? ((v + 0.055) / 1.055) ** 2.4 : v / 12.92)
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function behind(element) {
  for (let e = element; e; e = e.parentElement) {
    const colour = getComputedStyle(e).backgroundColor, parts = numbers(colour)
    if (parts.length < 4 || parts[3] > 0) return colour
  }
  return "rgb(255, 255, 255)"
}
function contrast(element) {
  const style = getComputedStyle(element), svg = element.closest("svg")
  const [a, b] = [light(svg ? style.fill : style.color), light(behind(element))]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}
function look() {
  const answer = {
    width: innerWidth, scrolls: document.documentElement.scrollWidth, wide: [], faint: [],
    unfocused: [], order: [], dark: matchMedia("(prefers-color-scheme: dark)").matches }
  for (const details of document.querySelectorAll("details")) details.open = true
  for (const element of document.body.querySelectorAll("*")) {
    const box = element.getBoundingClientRect()
    const boxed = element.closest(".scroll, pre, .skip")
    if (!boxed && box.right > innerWidth + 1) answer.wide.push(element.outerHTML.slice(0, 90))
    const own = [...element.childNodes].some(n => n.nodeType == 3 && n.data.trim())
    // Letters in the arena lie on coloured boxes, which are no backgrounds of style.
    const drawn = element.matches("title, desc, script, .inside")
    if (own && !drawn && contrast(element) < 4.5) {
      answer.faint.push(contrast(element).toFixed(2) + " " + element.outerHTML.slice(0, 90))
    }
  }
  answer.opened = document.documentElement.scrollWidth
  for (const element of document.querySelectorAll("a[href], summary, [tabindex], button, input")) {
    element.focus({ focusVisible: true })
    const style = getComputedStyle(element), box = element.getBoundingClientRect()
    if (document.activeElement != element || style.outlineStyle == "none" || box.right < 1) {
      answer.unfocused.push(element.outerHTML.slice(0, 90))
    }
    answer.order.push(element.tabIndex)
  }
  answer.first = document.querySelector("a[href]").textContent
  parent.postMessage(JSON.stringify(answer), "*")
}
addEventListener("load", look)
</script>
"""

# A frame, since no window is as narrow as a telephone. The answer becomes an element of its own.
FRAME = """<!DOCTYPE html>
<html style="color-scheme: light dark"><body>
<script>
addEventListener("message", event => {{
  const say = document.createElement("pre")
  say.id = "answer"
  say.textContent = event.data
  document.body.append(say)
}})
</script>
<iframe src="asked.html" style="border: 0; width: {0}px; height: {1}px"></iframe>
</body></html>
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model, and what to keep."""
    parser.add_argument("--model", default="lenet5-avg", help="of firmware-configs")
    parser.add_argument("--data", help="the folder of the data sets; without it, as the tool finds")
    parser.add_argument("--limit", help="use only the first pictures")
    parser.add_argument("--report", type=Path, help="keep the page here")
    parser.add_argument("--pictures", type=Path, help="a folder for the screenshots")


def browser() -> str:
    """The browser's program; ends with what to install where there is none."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    return stop("chromium is missing; install it with scripts/install-browser", 2)


def call(program: str, folder: Path, size: tuple[int, int], theme: str, *arguments: str) -> str:
    """What the browser prints."""
    command = [
        program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        "--disable-background-networking", f"--user-data-dir={folder / 'profile'}",
        f"--window-size={size[0]},{size[1]}",
        f"--blink-settings=preferredColorScheme={THEMES[theme]}", *arguments]
    for _ in range(2):
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            continue
        if run.returncode == 0:
            return run.stdout
    return stop(f"{program} does not run: {' '.join(command)}", 2)


def problems(answer: dict, width: int, theme: str) -> list[str]:
    """What is wrong with a page, by its own words."""
    found = []
    if answer["width"] != width:
        found.append(f"the window is {answer['width']} wide")
    if answer["dark"] != (theme == "dark"):
        found.append("the theme is another one")
    for key, state in [("scrolls", "closed"), ("opened", "open")]:
        if answer[key] > width:
            found.append(f"the page is {answer[key]} wide with all details {state}")
    found += [f"too wide: {element}" for element in answer["wide"][:5]]
    found += [f"too faint: {element}" for element in answer["faint"][:5]]
    found += [f"does not show its focus: {element}" for element in answer["unfocused"][:5]]
    if any(index != 0 for index in answer["order"]):
        found.append("an element is out of the order of the page")
    if not answer["first"].startswith("Skip"):
        found.append(f"the first link is '{answer['first']}'")
    return found


def look(program: str, folder: Path, page: Path, size: str, theme: str) -> list[str]:
    """Asks a page what is wrong with it, in one size and theme."""
    asked = folder / "asked.html"
    text = page.read_text(encoding="utf-8")
    asked.write_text(text.replace("</body>", PROBE + "</body>"), encoding="utf-8")
    frame = folder / "frame.html"
    frame.write_text(FRAME.format(*SIZES[size]), encoding="utf-8")
    shown = call(program, folder, SIZES["wide"], theme, "--dump-dom", frame.as_uri())
    answer = re.search(r'<pre id="answer">(.*?)</pre>', shown, re.S)
    if answer is None:
        stop(f"{page} does not answer in {program}", 2)
    return problems(json.loads(html.unescape(answer[1])), SIZES[size][0], theme)


def photograph(
    program: str, folder: Path, page: Path, view: tuple[str, str], target: Path
) -> None:
    """Takes a picture of a part of a page."""
    place = PLACES[view]
    style = f"<style>header, section:not(#{place}) {{ display: none }}</style>" if place else ""
    part = folder / "part.html"
    text = page.read_text(encoding="utf-8")
    part.write_text(text.replace("</head>", style + "</head>"), encoding="utf-8")
    call(program, folder, SIZES[view[0]], view[1], f"--screenshot={target.resolve()}",
         part.as_uri())


def run(options: argparse.Namespace) -> None:
    """Makes the page, asks it, and takes its pictures."""
    program = browser()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page = options.report or folder / "report.html"
        data = ["--data", options.data] if options.data else []
        limit = ["--limit", options.limit] if options.limit else []
        print(spikelet("report", find(options.model).folder, "-o", page, *data, *limit), end="")
        if page.stat().st_size > MOST_BYTES:
            stop(f"{page} has {page.stat().st_size:,} bytes, allowed {MOST_BYTES:,}")
        wrong = []
        for size in SIZES:
            for theme in THEMES:
                found = look(program, folder, page, size, theme)
                wrong += [f"{size}, {theme}: {problem}" for problem in found]
                print(f"{size}, {theme}: {'ok' if not found else f'{len(found)} problems'}")
                if options.pictures:
                    target = options.pictures / f"report-{size}-{theme}.png"
                    photograph(program, folder, page, (size, theme), target)
                    print(f"wrote {target}")
        if wrong:
            stop("\n".join(wrong))
