"""The figures as a table for a terminal and as the generated part of docs/performance.md."""

import statistics

BEGIN = "<!-- bench:begin: written by ./dev bench --write -->"
END = "<!-- bench:end -->"

# title, scenario, the peer's name, the figure, its unit
ROWS = [
    ("Dispatch, kept-alive TLS", "dispatch", "nginx", "cpu_us", "us CPU"),
    ("", "dispatch", "nginx", "per_second", "a second"),
    ("Dispatch, new TLS connection each", "dispatch-connect", "nginx", "cpu_us", "us CPU"),
    ("", "dispatch-connect", "nginx", "per_second", "a second"),
    ("Command app-device-ack-app", "commands", "echo", "cpu_us", "us CPU"),
    ("", "commands", "echo", "per_second", "a second"),
    ("TLS + upgrade + register", "links", "echo", "cpu_us", "us CPU"),
    ("", "links", "echo", "per_second", "a second"),
    ("Idle wss link, resident", "links", "echo", "rss_kb_each", "KB"),
]


def summarize(runs):
    """The median of the runs, and what they spread over."""
    values = sorted(runs)
    return {"median": statistics.median(values), "low": values[0], "high": values[-1]}


def figures_of(results, scenario, peer, key):
    runs = [run[key] for run in results.get(scenario, {}).get(peer, [])]
    return summarize(runs) if runs else None


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 100 else f"{value:.2f}"


def spread(figure):
    if figure is None:
        return "-"
    text = number(figure["median"])
    if figure["low"] == figure["high"]:
        return text
    return f"{text} ({number(figure['low'])}-{number(figure['high'])})"


def ratio(ours, theirs):
    if ours is None or theirs is None or theirs["median"] == 0:
        return "-"
    return f"{ours['median'] / theirs['median']:.2f}"


def split(results, scenario, peer):
    user = figures_of(results, scenario, peer, "user_us")
    system = figures_of(results, scenario, peer, "system_us")
    busy = figures_of(results, scenario, peer, "busy")
    if user is None:
        return "-"
    return f"{number(user['median'])} + {number(system['median'])}, {busy['median']:.0%} busy"


def lines(results):
    """Header and rows, all as texts."""
    table = [["", "", "Switchyard", "peer", "", "ratio", "user + system us, core busy: ours; peer's"]]
    for title, scenario, peer, key, unit in ROWS:
        ours = figures_of(results, scenario, "switchyard", key)
        theirs = figures_of(results, scenario, peer, key)
        detail = ""
        if key == "cpu_us":
            detail = f"{split(results, scenario, 'switchyard')}; {split(results, scenario, peer)}"
        table.append([title, unit, spread(ours), spread(theirs), peer, ratio(ours, theirs), detail])
    return table


def terminal(results):
    table = lines(results)
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    texts = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
             for row in table]
    return "\n".join(texts)


def markdown(report):
    head, *rows = lines(report["results"])
    texts = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    texts += ["| " + " | ".join(row) + " |" for row in rows]
    machine = report["machine"]
    facts = [
        f"Made by `{report['command']}` on {report['date']}, commit {report['commit']}: "
        f"{machine['cpu']}, {machine['cores']} cores with a load of {machine['load_before']} before, "
        f"Linux {machine['kernel']}, {machine['openssl']}, {machine['nginx']}; build type "
        f"{report['build']}.",
        f"Servers on core {machine['server_core']}, load on core {machine['load_core']}. "
        f"Negotiated: {', '.join(f'{name} {tls}' for name, tls in report['tls'].items())}. "
        f"{report['rounds']} round(s) of {report['for']} after {report['warm']} of warming up: "
        "the median, and in brackets the lowest and highest. "
        f"Links: {report['links']:,}.",
    ]
    return "\n\n".join(["\n".join(texts), *facts])


def write(path, report):
    """Replaces what stands between the markers of the page."""
    text = path.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    path.write_text(f"{head}{BEGIN}\n\n{markdown(report)}\n\n{END}{tail}", encoding="utf-8")
