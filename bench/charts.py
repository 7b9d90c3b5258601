"""Which charts a run's figures make: docs/performance/*.svg."""

import figures
import goals
import measures
import plots

CPU_WORDS = "Solid: the server's own code. Pale: the kernel for it. Shorter is better."


def series_of(found, measure, key):
    peers = ("switchyard", *measures.BY_NAME[measure].peers)
    return [plots.Series(peer, measures.TITLES[peer], found.curve(measure, peer, key))
            for peer in peers if len(found.curve(measure, peer, key)) > 1]


def curve_chart(found, measure, key, words, **more):
    series = series_of(found, measure, key)
    return plots.curves(words, series, **more) if series else None


def bars_of(found, measure):
    bars = []
    for peer in ("switchyard", *measures.BY_NAME[measure].peers):
        spread = found.spread(measure, peer, "cpu_us")
        if spread:
            parts = tuple(found.median(measure, peer, key) or 0 for key in ("user_us", "system_us"))
            bars.append(plots.Bar(peer, measures.TITLES[peer], spread,
                                  parts if sum(parts) > 0 else ()))
    return bars


def cpu_chart(found, title, names):
    groups = [(measures.BY_NAME[name].title, bars_of(found, name)) for name in names]
    groups = [group for group in groups if group[1]]
    words = plots.Words(title, CPU_WORDS, "microseconds of the server's CPU for one")
    return plots.bars(words, groups) if groups else None


def pong_chart(found):
    rows = []
    for key, label, goal in (("p50", "half of them within", 0), ("p99", "99 of 100", 0),
                             ("p999", "999 of 1,000", goals.PONG_P999_US),
                             ("max", "the slowest", goals.PONG_MAX_US)):
        spread = found.spread("pong", "switchyard", f"latency_us_{key}")
        if spread:
            ms = figures.Spread(*(value / 1000 for value in spread))
            rows.append(plots.Dot(label, ms, goal / 1000))
    words = plots.Words("Pongs while everything else happens",
                        "The server is saturated with commands, hundreds of links come back in "
                        "storms, others send garbage.", "milliseconds from ping to pong")
    return plots.dots(words, rows) if rows else None


def goals_chart(found, cores):
    judged = [goal for goal in goals.all_of(found, cores) if goal.is_judged()]
    words = plots.Words("Goals: measured, as a multiple of the target",
                        "Left of the line is cheaper than the goal asks for.", "target")
    return plots.goals(words, judged) if judged else None


def all_of(found, cores):
    """{file's name: Canvas}; a chart whose figures are missing is left out."""
    drawn = {
        "goals": goals_chart(found, cores),
        "idle": curve_chart(found, "idle", "rss_kb_each", plots.Words(
            "Memory of an idle wss link", "Everything included: TLS, session, timers, indexes. "
            "Lower is better.", "links open", "KB resident a link", goals.IDLE_KB)),
        "requests": cpu_chart(found, "CPU of a request and of a command",
                              ("dispatch", "commands")),
        "connects": cpu_chart(found, "CPU of a connection",
                              ("dispatch-new", "dispatch-resumed", "dispatch-resumed-old",
                               "connect", "connect-resumed")),
        "links": curve_chart(found, "links", "cpu_us", plots.Words(
            "CPU of a command, with more and more links taking part", "Flat is good.",
            "links", "microseconds of the server's CPU"), is_log=False),
        "sizes": curve_chart(found, "sizes", "cpu_us", plots.Words(
            "CPU of a command, by its size", "Lower is better.", "bytes of params",
            "microseconds of the server's CPU")),
        "pong": pong_chart(found),
    }
    return {name: canvas for name, canvas in drawn.items() if canvas}


def write(folder, found, cores):
    """Writes them; [(file's name, title)]"""
    folder.mkdir(exist_ok=True)
    drawn = all_of(found, cores)
    for name, canvas in drawn.items():
        (folder / f"{name}.svg").write_text(canvas.render(), encoding="utf-8")
    return [(name, canvas.title) for name, canvas in drawn.items()]
