"""The kinds of chart: curves, bars, dots, and goals. Each takes plain data and gives a Canvas."""

from typing import NamedTuple

import figures
from svg import Box, Canvas, Scale, log_ticks, short, ticks, width_of

WIDTH = 760
HEAD = 66  # of title and subtitle
ROW = 22  # between labels that would else overlap
BAR = 15


class Words(NamedTuple):
    title: str
    subtitle: str
    x: str = ""
    y: str = ""
    goal: float = 0  # a line across at this height; 0: none


class Series(NamedTuple):
    name: str  # of the colour and the mark
    label: str
    points: list  # [(x, Spread)]


class Bar(NamedTuple):
    name: str
    label: str
    spread: figures.Spread
    parts: tuple = ()  # shares of it, from the left: (solid, pale)


def begin(height, words, told):
    canvas = Canvas(WIDTH, height, words.title, told)
    canvas.text((24, 34), words.title, "head")
    canvas.text((24, 55), words.subtitle, "faint")
    return canvas


def apart(wanted, gap):
    """Positions in the same order as the wanted ones, close to them, and at least gap apart."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    found = list(wanted)
    for before, after in zip(order, order[1:]):
        found[after] = max(found[after], found[before] + gap)
    shift = sum(w - f for w, f in zip(wanted, found)) / len(wanted) if wanted else 0
    return [each + shift for each in found]


def log_axis(values, pixels):
    steps = log_ticks(min(values), max(values))
    if len(steps) < 2:
        steps = log_ticks(min(values), max(values) * 2.1)
    return Scale((steps[0], steps[-1]), pixels, is_log=True), steps


def x_axis(canvas, box, scale, xs):
    last = None
    for x in xs:
        at, text = scale(x), short(x)
        canvas.line((at, box.bottom), (at, box.bottom + 4), "axis")
        if last is None or at - last > width_of(text, 11.5) + 10:
            canvas.text((at, box.bottom + 19), text, "small faint", "middle")
            last = at


def y_axis(canvas, box, scale, steps):
    crowded = len(steps) > 8
    for step in steps:
        at = scale(step)
        canvas.line((box.left, at), (box.right, at), "grid")
        if not crowded or f"{step:e}"[0] == "1":
            canvas.text((box.left - 8, at + 4), short(step), "small faint", "end")


def told_curves(series, words):
    parts = [f"{each.label}: {figures.number(each.points[0][1].median)} at {short(each.points[0][0])}"
             f", {figures.number(each.points[-1][1].median)} at {short(each.points[-1][0])}"
             for each in series]
    return f"{words.subtitle} {words.y} by {words.x}. {'; '.join(parts)}."


def curve(canvas, each, x, y):
    points = [(x(at), y(spread.median)) for at, spread in each.points]
    for (at, spread), (left, _) in zip(each.points, points):
        if abs(y(spread.low) - y(spread.high)) > 9:
            canvas.whisker((left, y(spread.low)), (left, y(spread.high)), each.name)
    canvas.path(points, each.name)
    for point in points:
        canvas.mark(point, each.name)


def y_scale(series, words, box, is_log):
    values = [value for each in series for _, spread in each.points for value in spread]
    values += [words.goal] if words.goal else []
    if is_log:
        return log_axis(values, (box.bottom, box.top))
    steps = ticks(max(values))
    return Scale((0, steps[-1]), (box.bottom, box.top)), steps


def goal_line(canvas, box, y, goal):
    canvas.line((box.left, y(goal)), (box.right, y(goal)), "dashed")
    canvas.text((box.left + 6, y(goal) - 6), f"goal: {short(goal)}", "small faint")


def names_of_lines(canvas, series, x, y):
    ends = [y(each.points[-1][1].median) for each in series]
    for each, at in zip(series, apart(ends, 17)):
        canvas.text((x(each.points[-1][0]) + 13, at + 4.5), each.label, f"{each.name} strong")


def curves(words, series, is_log=True, height=400):
    """The x axis is logarithmic, the y axis where is_log says so; lines bear their names."""
    canvas = begin(height, words, told_curves(series, words))
    margin = max(width_of(each.label) for each in series) + 36
    box = Box(70, HEAD + 26, WIDTH - margin, height - 52)
    xs = sorted({at for each in series for at, _ in each.points})
    x = Scale((xs[0], xs[-1]), (box.left + 12, box.right - 8), is_log=True)
    y, steps = y_scale(series, words, box, is_log)
    y_axis(canvas, box, y, steps)
    canvas.line((box.left, box.bottom), (box.right, box.bottom), "axis")
    x_axis(canvas, box, x, xs)
    canvas.text((24, HEAD + 14), words.y, "small faint")
    canvas.text(((box.left + box.right) / 2, height - 14), words.x, "small faint", "middle")
    if words.goal:
        goal_line(canvas, box, y, words.goal)
    for each in series:
        curve(canvas, each, x, y)
    names_of_lines(canvas, series, x, y)
    return canvas


def bar(canvas, each, top, scale):
    left, right = scale(0), scale(each.spread.median)
    box = Box(left, top, right, top + BAR)
    if each.parts:
        solid = left + (right - left) * each.parts[0] / sum(each.parts)
        canvas.bar(box, f"{each.name} pale")
        canvas.bar(Box(left, top, solid, top + BAR), each.name, 0)
    else:
        canvas.bar(box, each.name)
    low, high = scale(each.spread.low), scale(each.spread.high)
    if high - low > 2:
        canvas.whisker((low, top + BAR / 2), (high, top + BAR / 2), "axis")
    canvas.text((max(right, high) + 9, top + 12), figures.number(each.spread.median), "strong")


def told_bars(groups, words):
    parts = [f"{title}: " + ", ".join(f"{each.label} {figures.number(each.spread.median)}"
                                      for each in bars) for title, bars in groups]
    return f"{words.subtitle} {words.x}. {'; '.join(parts)}."


def bars(words, groups):
    """groups: [(title, [Bar])], one scale for all."""
    rows = sum(len(each) for _, each in groups)
    height = HEAD + 40 + rows * ROW + len(groups) * 38
    canvas = begin(height, words, told_bars(groups, words))
    left = 30 + max(width_of(each.label) for _, group in groups for each in group)
    box = Box(left, HEAD + 4, WIDTH - 76, height - 46)
    steps = ticks(max(each.spread.high for _, group in groups for each in group), 6)
    scale = Scale((0, steps[-1]), (box.left, box.right))
    for step in steps:
        canvas.line((scale(step), box.top), (scale(step), box.bottom), "grid")
        canvas.text((scale(step), box.bottom + 17), short(step), "small faint", "middle")
    canvas.text(((box.left + box.right) / 2, height - 12), words.x, "small faint", "middle")
    top = box.top + 4
    for title, group in groups:
        canvas.text((24, top + 18), title, "strong")
        top += 28
        for each in group:
            canvas.text((box.left - 9, top + 12), each.label, f"small {each.name}", "end")
            bar(canvas, each, top, scale)
            top += ROW
        top += 10
    return canvas


class Dot(NamedTuple):
    label: str
    spread: figures.Spread
    goal: float = 0  # at most this; 0: none


def told_dots(rows, words):
    parts = [f"{each.label} {figures.number(each.spread.median)}"
             + (f" (goal: {short(each.goal)})" if each.goal else "") for each in rows]
    return f"{words.subtitle} {words.x}. {'; '.join(parts)}."


def dot_row(canvas, dot, y, scale):
    at, low, high = (scale(value) for value in dot.spread)
    canvas.text((24, y + 4.5), dot.label)
    canvas.line((scale.first, y), (scale.last, y), "grid")
    if dot.goal:
        goal = scale(dot.goal)
        canvas.line((goal, y - 10), (goal, y + 10), "dashed")
        canvas.text((goal + 6, y + 4), f"goal: {short(dot.goal)}", "small faint")
    if high - low > 9:
        canvas.whisker((low, y), (high, y), "switchyard")
    canvas.mark((at, y), "switchyard")
    canvas.text((at, y - 9), figures.number(dot.spread.median), "small strong", "middle")


def dots(words, rows):
    """One value a row on a logarithmic axis, with the goal that some have."""
    height = HEAD + 56 + len(rows) * 36
    canvas = begin(height, words, told_dots(rows, words))
    box = Box(40 + max(width_of(each.label) for each in rows), HEAD + 4, WIDTH - 96, height - 46)
    values = [value for each in rows for value in (*each.spread, each.goal or each.spread.low)]
    scale, steps = log_axis(values, (box.left, box.right))
    for step in steps:
        canvas.line((scale(step), box.top), (scale(step), box.bottom), "grid")
        if len(steps) <= 8 or f"{step:e}"[0] == "1":
            canvas.text((scale(step), box.bottom + 17), short(step), "small faint", "middle")
    canvas.text(((box.left + box.right) / 2, height - 12), words.x, "small faint", "middle")
    for number, each in enumerate(rows):
        dot_row(canvas, each, box.top + 24 + number * 36, scale)
    return canvas


def told_goals(judged):
    return " ".join(f"Goal {each.number}, {each.what}: {each.verdict()}." for each in judged)


def goal_row(canvas, goal, y, scale):
    kind = "good" if goal.is_met() else "bad"
    at = scale(min(max(goal.of_target(), scale.low), scale.high))
    canvas.text((24, y + 4.5), str(goal.number), "strong")
    canvas.text((44, y + 4.5), goal.what)
    canvas.line((scale(1), y), (at, y), f"{kind} line")
    canvas.mark((at, y), "switchyard" if goal.is_met() else "node", kind)
    canvas.text((WIDTH - 24, y + 4.5), goal.brief(), f"{kind} small", "end")


def goals(words, judged):
    """How far each figure is from its target, in multiples of it: left of the line it is met."""
    height = HEAD + 62 + len(judged) * 26
    canvas = begin(height, words, told_goals(judged))
    left = 50 + max(width_of(each.what) for each in judged)
    right = WIDTH - 44 - max(width_of(each.brief(), 11.5) for each in judged)
    box = Box(left, HEAD + 10, right, height - 50)
    reach = max(1.25, *(max(each.of_target(), 1 / each.of_target()) for each in judged))
    reach = min(reach, 10)
    scale = Scale((1 / reach, reach), (box.left, box.right), is_log=True)
    for step in (0.1, 0.2, 0.5, 1, 2, 5, 10):
        if 1 / reach <= step <= reach:
            kind = "axis" if step == 1 else "grid"
            canvas.line((scale(step), box.top), (scale(step), box.bottom), kind)
            canvas.text((scale(step), box.bottom + 17), f"{short(step)}×", "small faint", "middle")
    canvas.text((scale(1), height - 12), words.x, "small faint", "middle")
    for number, goal in enumerate(judged):
        goal_row(canvas, goal, box.top + 18 + number * 26, scale)
    return canvas
