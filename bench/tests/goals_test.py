"""Whether a goal is met, by how much, and what is said when it can't be judged."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import figures  # noqa: E402
import goals  # noqa: E402


def record(measure, peer="switchyard", **more):
    return {"measure": measure, "peer": peer, **more}


def lines(records, cores=8):
    found = figures.Figures(records)
    return [goals.line(goal) for goal in goals.all_of(found, cores)
            if goal.measured is not None or goal.why]


class Lines(unittest.TestCase):
    def test_memory_is_judged_at_the_most_links(self):
        self.assertIn("goal 1: idle wss link of a device, one of 15,000: target at most 1.50 KB, measured 1.20 KB: "
                      "met, 20% to spare",
                      lines([record("idle", x=150, rss_kb_each=9.0, cpu_us=100),
                             record("idle", x=15000, rss_kb_each=1.2, cpu_us=100)]))

    def test_better_still_is_told(self):
        self.assertIn("goal 1: idle wss link of an app, one of 15,000: target at most 1.50 KB, "
                      "measured 0.90 KB: met, 40% to spare, stretch goal met",
                      lines([record("idle-apps", x=15000, rss_kb_each=0.9)]))

    def test_memory_is_not_missed_with_fewer_links_than_the_goal_is_for(self):
        self.assertIn("goal 1: idle wss link of a device, one of 150: target at most 1.50 KB, "
                      "measured 9.00 KB: not judged: the goal is for 15,000",
                      lines([record("idle", x=150, rss_kb_each=9.0, cpu_us=100)]))

    def test_a_command_is_judged_by_the_echo_of_the_same_run(self):
        records = [record("commands", cpu_us=22), record("commands", "echo", cpu_us=20)]
        self.assertEqual(lines(records), [
            "goal 2: command app-device-ack-app, against echo: target at most 20.0 us CPU, "
            "measured 22.0 us CPU: missed by 10%"])

    def test_a_peer_that_is_missing_is_told(self):
        records = [record("dispatch", cpu_us=22),
                   record("dispatch", "nginx", failed="not installed")]
        self.assertEqual(lines(records), [
            "goal 3: dispatch, kept-alive, against nginx: measured 22.0 us CPU: "
            "not judged: dispatch, nginx: not installed"])

    def test_a_resumed_connect_is_judged_by_half_of_a_full_one(self):
        records = [record("connect", cpu_us=400), record("connect-resumed", cpu_us=150)]
        self.assertIn("goal 4: resumed connect, against half of a full one: "
                      "target at most 200 us CPU, measured 150 us CPU: met, 25% to spare",
                      lines(records))

    def test_what_costs_nothing_is_met(self):
        self.assertIn("goal 7: a device that is offline: target at most 40.0 bytes, "
                      "measured -0.20 bytes: met, 100% to spare",
                      lines([record("offline", bytes_each=-0.2)]))

    def test_far_off_is_told_in_times(self):
        self.assertIn("goal 7: start with 100,000 devices: target at most 50.0 ms, "
                      "measured 175 ms: missed: 3.5 times the target",
                      lines([record("start", start_ms=175)]))


class Pongs(unittest.TestCase):
    RECORD = {"latency_us_p999": 60_000, "latency_us_max": 90_000, "late_us_max": 100}

    def test_they_are_told_in_milliseconds(self):
        self.assertEqual(lines([record("pong", late_us_p999=100, **self.RECORD)]), [
            "goal 5: pong under load at p99.9: target at most 50.0 ms, measured 60.0 ms: "
            "missed by 20%",
            "goal 5: pong under load, the slowest: target at most 3,000 ms, measured 90.0 ms: "
            "met, 97% to spare"])

    def test_they_are_not_judged_when_the_load_was_late(self):
        told = lines([record("pong", late_us_p999=30_000, **self.RECORD)])
        self.assertIn("measured 60.0 ms: not judged: the load itself was 30 ms late", told[0])


class Workers(unittest.TestCase):
    RECORDS = [record("workers", x=1, per_second=100, cpu_us=10),
               record("workers", x=2, per_second=190, cpu_us=13)]

    def test_two_are_to_reach_more_than_one(self):
        self.assertIn("goal 6: commands a second of two workers against one: "
                      "target at least 1.80 times, measured 1.90 times: met, 6% above",
                      lines(self.RECORDS))

    def test_that_is_not_judged_without_cores_for_the_load(self):
        self.assertIn("goal 6: commands a second of two workers against one: "
                      "target at least 1.80 times, measured 1.90 times: "
                      "not judged: on 2 cores the load has none to itself",
                      lines(self.RECORDS, cores=2))

    def test_a_command_is_to_cost_no_more_on_two(self):
        self.assertIn("goal 6: CPU of a command, two workers against one: "
                      "target at most 1.20 times, measured 1.30 times: missed by 8%",
                      lines(self.RECORDS))


if __name__ == "__main__":
    unittest.main()
