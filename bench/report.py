"""The figures as tables: for a terminal, and as the generated part of docs/performance.md."""

import figures
import goals
import measures

BEGIN = "<!-- bench:begin: written by ./dev bench --write -->"
END = "<!-- bench:end -->"


def cell(found, measure, peer, key):
    if peer != "switchyard" and peer not in measure.peers:
        return ""
    if measure.is_curve:
        spread, _ = found.last(measure.name, peer, key)
    else:
        spread = found.spread(measure.name, peer, key)
    if spread is None:
        return "not installed" if found.failure(measure.name, peer) == "not installed" else "-"
    return figures.text(spread)


def title(found, measure):
    if not measure.is_curve:
        return measure.title
    xs = sorted({x for key, _ in measure.shown
                 for x in found.xs(measure.name, "switchyard", key)})
    return f"{measure.title}: {xs[-1]:,}" if xs else measure.title


def rows(found):
    """Header and rows, all as texts; a measure that did not run has none."""
    table = [["", "", *(measures.TITLES[peer] for peer in measures.PEERS)]]
    for measure in measures.MEASURES:
        if not found.has(measure.name, "switchyard"):
            continue
        head = title(found, measure)
        for key, unit in measure.shown:
            table.append([head, unit, *(cell(found, measure, peer, key)
                                        for peer in measures.PEERS)])
            head = ""
    return table


def aligned(table):
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip()
                     for row in table)


def failures(found):
    return sorted({f"{each['measure']} {each['peer']}: {each['failed']}" for each in found.records
                   if "failed" in each and each["failed"] != "not installed"})


def terminal(found, cores, is_whole=True):
    """A run of a few scenarios tells nothing of the goals that it did not measure."""
    told = [goals.line(goal) for goal in goals.all_of(found, cores)
            if is_whole or goal.measured is not None]
    parts = [aligned(rows(found)), "\n".join(told)]
    if failures(found):
        parts.append("\n".join(f"failed: {text}" for text in failures(found)))
    return "\n\n".join(parts)


def markdown_table(table):
    head, *body = table
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
                     + ["| " + " | ".join(row) + " |" for row in body])


def goal_rows(found, cores):
    table = [["goal", "what", "target", "measured", ""]]
    for goal in goals.all_of(found, cores):
        target = "" if goal.target is None else f"{goals.bound(goal)} {goal.unit}"
        measured = ("" if goal.measured is None
                    else f"{figures.number(goal.measured)} {goal.unit}")
        table.append([str(goal.number), goal.what, target, measured, goal.verdict()])
    return table


def facts(report):
    machine = report["machine"]
    versions = ", ".join(text for text in machine["versions"].values() if text)
    tls = ", ".join(f"{measures.TITLES[name]} {text}" for name, text in report["tls"].items())
    return [
        f"Made by `{report['command']}` on {report['date']}, commit {report['commit']}: "
        f"{machine['cpu']}, {machine['cores']} cores with a load of {machine['load_before']} "
        f"before, Linux {machine['kernel']}, {machine['openssl']}, {versions}; build type "
        f"{report['build']}.",
        f"Servers on core {machine['server_core']}, load on the others. Negotiated with a client that "
        f"offers everything: {tls}. {report['rounds']} round(s) of "
        f"{report['for_ms'] / 1000:g} s after {report['warm_ms'] / 1000:g} s of warming up: the median, and in brackets the lowest and highest.",
    ]


def markdown(report, charts):
    found = figures.Figures(report["records"])
    cores = report["machine"]["cores"]
    parts = ["### The goals", markdown_table(goal_rows(found, cores)), *charts,
             "### The table", markdown_table(rows(found))]
    if failures(found):
        parts.append("Not measured: " + "; ".join(failures(found)) + ".")
    parts += facts(report)
    return "\n\n".join(parts)


def write(path, report, charts):
    """Replaces what stands between the markers of the page."""
    page = path.read_text(encoding="utf-8")
    head, rest = page.split(BEGIN)
    tail = rest.split(END)[1]
    path.write_text(f"{head}{BEGIN}\n\n{markdown(report, charts)}\n\n{END}{tail}",
                    encoding="utf-8")
