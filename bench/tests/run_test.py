"""A run goes on without what is missing or breaks off, and ends everything that it started."""

import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import bench  # noqa: E402
import figures  # noqa: E402
import peers  # noqa: E402
import report  # noqa: E402
import run  # noqa: E402

MODE = {"rounds": 1, "warm_ms": 1, "for_ms": 1}


class Sleeper(peers.Peer):
    """Stands for a server; it never listens."""

    name = "sleeper"

    def open(self):
        self.start(["sleep", "1000"])


class Breaking(Sleeper):
    def open(self):
        super().open()
        raise peers.Failure("it broke")


class Absent(Sleeper):
    @classmethod
    def is_installed(cls):
        return False


class Runs(unittest.TestCase):
    def setUp(self):
        known = {"sleeper": Sleeper, "breaking": Breaking, "absent": Absent}
        for patch in (mock.patch.dict(peers.PEERS, known, clear=True),
                      mock.patch.object(peers, "tls_of", lambda port: "TLS"),
                      contextlib.redirect_stderr(io.StringIO())):
            patch.__enter__()
            self.addCleanup(patch.__exit__, None, None, None)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        setting = peers.Setting(pathlib.Path(folder.name), pathlib.Path(folder.name), None)
        self.subject = run.Run(setting, MODE)

    def test_a_peer_stays_up_until_it_is_dropped(self):
        pids = []
        self.assertTrue(self.subject.measure("m", "sleeper", lambda peer: pids.append(peer.pid()) or {}))
        self.assertTrue(self.subject.measure("m", "sleeper", lambda peer: pids.append(peer.pid()) or {}))
        peer = self.subject.up["sleeper"][0]
        self.assertEqual(pids, [peer.pid()] * 2)
        self.subject.drop("sleeper")
        self.assertIsNotNone(peer.process.returncode)

    def test_everything_ends_with_the_run(self):
        with self.subject:
            peer = self.subject.open("sleeper")
            self.assertIsNone(peer.process.poll())
        self.assertIsNotNone(peer.process.returncode)

    def test_a_missing_peer_is_a_record(self):
        self.assertFalse(self.subject.measure("m", "absent", lambda peer: {}, x=3))
        self.assertEqual(self.subject.records, [{"measure": "m", "peer": "absent", "x": 3,
                                             "failed": "not installed"}])

    def test_one_that_breaks_off_is_told_and_given_up_after_two_tries(self):
        for _ in range(3):
            self.assertFalse(self.subject.measure("m", "breaking", lambda peer: {}))
        self.assertEqual([each["failed"] for each in self.subject.records], ["it broke"] * 2)
        self.assertEqual(self.subject.up, {})

    def test_one_that_dies_under_load_is_started_again(self):
        def die(peer):
            peer.process.kill()
            peer.process.wait()
            peer.is_alive()

        self.assertFalse(self.subject.measure("m", "sleeper", die))
        self.assertIn("sleeper ended with status -9", self.subject.records[0]["failed"])
        self.assertTrue(self.subject.measure("m", "sleeper", lambda peer: {"cpu_us": 1.0}))
        self.subject.drop("sleeper")


class Words(unittest.TestCase):
    def parse(self, *words):
        with contextlib.redirect_stderr(io.StringIO()) as told:
            try:
                return bench.parse_arguments(words)
            except SystemExit:
                return told.getvalue()

    def test_scenarios_are_known(self):
        self.assertEqual(self.parse("commands", "idle").scenario, ["commands", "idle"])
        self.assertIn("no scenario 'comands'; there are dispatch,", self.parse("comands"))

    def test_the_page_is_not_written_from_a_part(self):
        self.assertIn("--write needs all scenarios", self.parse("--write", "idle"))

    def test_a_report_can_be_made_again_from_its_figures(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "figures.json"
            bench.write_json(path, REPORT)
            self.assertEqual(bench.found_by(self.parse("--from", str(path))), REPORT)

    def test_rounds_are_counted_from_one(self):
        self.assertEqual(bench.mode_of(self.parse("--quick", "--rounds", "5"))["rounds"], 5)
        self.assertIn("at least 1", self.parse("--rounds", "0"))


RECORDS = [{"measure": "commands", "peer": "switchyard", "cpu_us": 20.0, "per_second": 4e4},
           {"measure": "commands", "peer": "echo", "cpu_us": 25.0, "per_second": 5e4},
           {"measure": "commands", "peer": "node", "failed": "not installed"},
           {"measure": "commands", "peer": "mosquitto", "failed": "it broke"}]
REPORT = {"command": "./dev bench", "date": "2020-01-02", "commit": "abc", "build": "-O2",
          "machine": {"cpu": "CPU", "cores": 2, "load_before": 0.1, "server_core": 0,
                      "kernel": "6", "openssl": "OpenSSL", "versions": {"nginx": "nginx/1"}},
          "tls": {"echo": "TLSv1.3"}, **MODE, "records": RECORDS}


class Reports(unittest.TestCase):
    def test_the_terminal_has_every_peer_and_what_failed(self):
        told = report.terminal(figures.Figures(RECORDS), 2, is_whole=False)
        self.assertRegex(told, r"Command app-device-ack-app +us CPU +20.0 +25.0 +not installed +-")
        self.assertIn("goal 2", told)
        self.assertNotIn("goal 1", told)
        self.assertIn("failed: commands mosquitto: it broke", told)

    def test_only_the_part_between_the_markers_is_replaced(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder) / "page.md"
            page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
            report.write(page, REPORT, ["![chart](performance/goals.svg)"])
            text = page.read_text()
        self.assertTrue(text.startswith("before\n") and text.endswith("after\n"))
        self.assertNotIn("old", text)
        self.assertIn("| Command app-device-ack-app | us CPU | 20.0 | 25.0 |", text)
        self.assertIn("![chart](performance/goals.svg)", text)

    def test_json_has_a_record_a_line(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "figures.json"
            bench.write_json(path, REPORT)
            text = path.read_text()
        self.assertEqual(json.loads(text), REPORT)
        self.assertIn('\n  {"measure": "commands", "peer": "echo", "cpu_us": 25.0', text)


if __name__ == "__main__":
    unittest.main()
