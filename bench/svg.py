"""
svg - small charts as text that any browser shows, in light and in dark surroundings.

A Canvas collects shapes; a Scale maps values to pixels. No fonts, scripts or links; the same input
gives the same bytes. What a chart shows stands in its <title> and <desc> for those who can't see it.
"""

import math
from html import escape
from typing import NamedTuple

# Light and dark, told apart by those who see no red or no green; each also has its own mark.
COLOURS = {
    "switchyard": ("#0b62c4", "#5cadff"),
    "echo": ("#6a737d", "#a3adb8"),
    "nginx": ("#0f7b5f", "#3fcfa4"),
    "node": ("#b04a00", "#f2a354"),
    "mosquitto": ("#9a3f86", "#e38fd0"),
    "good": ("#0b62c4", "#5cadff"),
    "bad": ("#b04a00", "#f2a354"),
}
PAPER = ("#ffffff", "#0f1419")
INK = ("#1c2733", "#e4e9ee")
FAINT = ("#5b6672", "#98a3af")
GRID = ("#e5e9ed", "#263039")
EDGE = ("#d5dbe1", "#2c3741")


def rules(shade):
    """Style for one of the two surroundings."""
    lines = [f".paper{{fill:{PAPER[shade]};stroke:{EDGE[shade]}}}",
             f"text{{fill:{INK[shade]}}}.faint{{fill:{FAINT[shade]}}}",
             f".grid{{stroke:{GRID[shade]}}}.axis,.dashed{{stroke:{FAINT[shade]}}}"]
    for name, colours in COLOURS.items():
        colour = colours[shade]
        lines.append(f".{name}{{stroke:{colour};fill:{colour}}}text.{name}{{stroke:none}}")
    return "".join(lines)


STYLE = ("text{font:13px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}"
         ".head{font-size:17px;font-weight:650}.small{font-size:11.5px}.strong{font-weight:600}"
         ".line{fill:none!important;stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}"
         ".thin{stroke-width:1.25}.pale{fill-opacity:.45}.mark{stroke-width:2}"
         ".dashed{stroke-width:1.25;stroke-dasharray:5 4;fill:none}"
         + rules(0) + "@media(prefers-color-scheme:dark){" + rules(1) + "}")


def place(value):
    """One digit behind the point tells a tenth of a pixel; more would only make diffs."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def width_of(text, size=13):
    """About as wide as the text will be, as fonts differ."""
    narrow = sum(letter in "iljt.,:;'|!()[] " for letter in text)
    return size * (0.63 * (len(text) - narrow) + 0.34 * narrow)


class Scale:
    """From values to pixels, linear or logarithmic."""

    def __init__(self, values, pixels, is_log=False):
        self.low, self.high = values
        self.first, self.last = pixels
        self.is_log = is_log

    def part(self, value):
        if self.is_log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def __call__(self, value):
        return self.first + self.part(value) * (self.last - self.first)


def nice(value):
    """The round number, 1, 2 or 5 and zeros, that is not below."""
    power = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9))


def ticks(high, count=5):
    """Round steps from 0 until high is reached."""
    step = nice(high / count)
    return [step * i for i in range(math.ceil(high / step - 1e-9) + 1)]


def log_ticks(low, high):
    """1, 2 and 5 times the powers of ten, from at most low to at least high."""
    steps = [step * 10.0 ** power for power in range(-6, 12) for step in (1, 2, 5)]
    first = max(step for step in steps if step <= low * (1 + 1e-9))
    last = min(step for step in steps if step >= high * (1 - 1e-9))
    return [step for step in steps if first <= step <= last]


def short(value):
    """A value on an axis."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.10g}"


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float


class Canvas:
    def __init__(self, width, height, title, told):
        """told: a sentence or two with what the chart shows, in words."""
        self.size = (width, height)
        self.title = title
        self.told = told
        self.shapes = []

    def add(self, shape):
        self.shapes.append(shape)

    def text(self, at, text, kind="", anchor="start"):
        where = "" if anchor == "start" else f' text-anchor="{anchor}"'
        style = f' class="{kind}"' if kind else ""
        self.add(f'<text x="{place(at[0])}" y="{place(at[1])}"{style}{where}>{escape(text)}</text>')

    def line(self, start, end, kind):
        self.add(f'<path class="{kind}" d="M{place(start[0])} {place(start[1])}'
                 f'L{place(end[0])} {place(end[1])}"/>')

    def path(self, points, kind):
        at = "L".join(f"{place(x)} {place(y)}" for x, y in points)
        self.add(f'<path class="{kind} line" d="M{at}"/>')

    def bar(self, box, kind, radius=3):
        """Round at its right end only."""
        width = box.right - box.left
        radius = min(radius, width / 2)
        self.add(f'<path class="{kind}" d="M{place(box.left)} {place(box.top)}'
                 f"h{place(width - radius)}q{place(radius)} 0 {place(radius)} {place(radius)}"
                 f"v{place(box.bottom - box.top - 2 * radius)}"
                 f"q0 {place(radius)} -{place(radius)} {place(radius)}"
                 f'h-{place(width - radius)}z"/>')

    def mark(self, at, name, kind=""):
        """A shape of the name's own, so that colour is not all that tells."""
        x, y = at
        shape = MARKS.get(name, MARKS["switchyard"])
        points = "L".join(f"{place(x + dx)} {place(y + dy)}" for dx, dy in shape)
        self.add(f'<path class="{kind or name} mark" d="M{points}z"/>')

    def whisker(self, start, end, kind, tip=3):
        """A line with a short one across each end; upright or level."""
        across = (tip, 0) if start[0] == end[0] else (0, tip)
        self.line(start, end, f"{kind} thin")
        for x, y in (start, end):
            self.line((x - across[0], y - across[1]), (x + across[0], y + across[1]),
                      f"{kind} thin")

    def render(self):
        width, height = (place(each) for each in self.size)
        head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
                f'width="{width}" height="{height}" role="img" aria-labelledby="title desc">')
        return "\n".join([
            head, f'<title id="title">{escape(self.title)}</title>',
            f'<desc id="desc">{escape(self.told)}</desc>', f"<style>{STYLE}</style>",
            f'<rect class="paper" x=".5" y=".5" width="{place(self.size[0] - 1)}" '
            f'height="{place(self.size[1] - 1)}" rx="8"/>', *self.shapes, "</svg>", ""])


def round_points(radius, count=12):
    return tuple((radius * math.cos(2 * math.pi * i / count),
                  radius * math.sin(2 * math.pi * i / count)) for i in range(count))


MARKS = {
    "switchyard": round_points(3.6),
    "echo": ((-3.2, -3.2), (3.2, -3.2), (3.2, 3.2), (-3.2, 3.2)),
    "nginx": ((0, -4.4), (4.4, 0), (0, 4.4), (-4.4, 0)),
    "node": ((0, -4.2), (4, 3.2), (-4, 3.2)),
    "mosquitto": ((-4, -3.2), (4, -3.2), (0, 4.2)),
}
