"""What each scenario asks of the load, and how links that stay are counted."""

import pathlib
import sys
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import bench  # noqa: E402
import measures  # noqa: E402
import peers  # noqa: E402
import scenarios  # noqa: E402
import start  # noqa: E402

MODE = bench.MODES["full"]
FIGURE = {"operations": 10, "errors": 0, "seconds": 1.0, "cpu_us": 5.0, "user_us": 2.0,
          "system_us": 3.0, "busy": 0.1}


class Recorder:
    """A Run and its Load that note what they are asked for."""

    def __init__(self):
        self.mode = MODE
        self.setting = mock.Mock()
        self.round = 1
        self.load = self
        self.calls = []
        self.held = []

    def measure(self, measure, name, action, x=None, **more):
        with mock.patch.object(peers, "rss_kb", lambda pid: 1000 + 2 * sum(self.held)):
            self.calls.append((measure, name, x, action(mock.Mock(speaks=name, pid=lambda: 1))))
        return True

    def measure_fresh(self, measure, action, x, **more):
        self.measure(measure, "switchyard", action, x)

    def measure_alone(self, measure, action):
        self.calls.append((measure, "switchyard", None, action()))

    def drop(self, name):
        self.held.clear()

    def run(self, scenario, peer, *words, workers=1, span="for_ms"):
        return (scenario, *map(str, words))

    def hold(self, peer, first, count, *words):
        self.held.append(count)
        return mock.Mock(), FIGURE


class Scenarios(unittest.TestCase):
    def setUp(self):
        self.run_of = Recorder()
        measured = {"start_ms": 40.0, "bytes_each_offline": 1.0}
        for patch in (mock.patch.object(scenarios, "SETTLE_SECONDS", 0),
                      mock.patch.object(start, "measure", lambda binary, folder: measured)):
            patch.start()
            self.addCleanup(patch.stop)

    def test_every_scenario_measures_what_the_table_knows(self):
        for action in scenarios.ALL.values():
            action(self.run_of)
        for measure, name, x, _ in self.run_of.calls:
            self.assertIn(name, ("switchyard", *measures.BY_NAME[measure].peers))
            self.assertEqual(measures.BY_NAME[measure].is_curve, x is not None, measure)

    def test_peers_take_turns_at_each_point(self):
        scenarios.sizes(self.run_of)
        self.assertEqual([(name, x) for _, name, x, _ in self.run_of.calls][:5],
                         [("switchyard", 64), ("echo", 64), ("node", 64), ("mosquitto", 64),
                          ("switchyard", 256)])
        self.assertEqual(self.run_of.calls[4][3][-2:], ("--size", "256"))

    def test_links_add_up_and_their_memory_is_what_the_server_grew_by(self):
        scenarios.idle_of(self.run_of, "echo")
        self.assertEqual([(x, figure["links"], figure["rss_kb_each"])
                          for _, _, x, figure in self.run_of.calls],
                         [(count, count, 2.0) for count in MODE["links"]])

    def test_a_process_holds_so_many_links_only(self):
        held = []
        with mock.patch.object(self.run_of, "drop", lambda name: held.extend(self.run_of.held)):
            scenarios.idle_of(self.run_of, "echo")
        self.assertEqual(held, [150, 350, 1000, 3500, 5000, 5000])


if __name__ == "__main__":
    unittest.main()
