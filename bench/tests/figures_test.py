"""Medians, spreads, sums of processes, and the texts of numbers."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import figures  # noqa: E402

PART = {"operations": 100, "errors": 1, "seconds": 1.0, "cpu_us": 10.0, "user_us": 4.0,
        "system_us": 6.0, "busy": 0.5}


class Flatten(unittest.TestCase):
    def test_a_spread_becomes_its_median_and_latencies_get_names(self):
        self.assertEqual(
            figures.flatten({"scenario": "x", "cpu_us": {"median": 2.5, "low": 2, "high": 3},
                             "latency_us": {"p50": 7, "max": 9}}),
            {"scenario": "x", "cpu_us": 2.5, "latency_us_p50": 7, "latency_us_max": 9})

    def test_parts_of_parts_have_their_whole_way_as_name(self):
        self.assertEqual(figures.flatten({"parts": {"ping": {"latency_us": {"p50": 7}}}}),
                         {"parts_ping_latency_us_p50": 7})

    def test_how_many_of_all_resumed(self):
        self.assertEqual(figures.flatten({"operations": 8, "resumed": 6})["resumed_share"], 0.75)


class Merge(unittest.TestCase):
    def test_one_part_is_the_whole(self):
        self.assertEqual(figures.merge([PART]), {**PART, "per_second": 100.0})

    def test_costs_weigh_by_operations_and_shares_by_time(self):
        whole = figures.merge([PART, {**PART, "operations": 300, "seconds": 3.0, "cpu_us": 20.0,
                                      "busy": 1.0}])
        self.assertEqual((whole["operations"], whole["errors"], whole["seconds"]), (400, 2, 4.0))
        self.assertEqual((whole["per_second"], whole["cpu_us"], whole["busy"]), (100.0, 17.5, 0.875))


class Found(unittest.TestCase):
    def setUp(self):
        self.found = figures.Figures(
            [{"measure": "m", "peer": "a", "cpu_us": value} for value in (3, 1, 2)]
            + [{"measure": "c", "peer": "a", "x": x, "cpu_us": x * 2} for x in (10, 1)]
            + [{"measure": "m", "peer": "b", "failed": "why"}])

    def test_the_rounds_have_a_median_and_a_spread(self):
        self.assertEqual(self.found.spread("m", "a", "cpu_us"), (2, 1, 3))

    def test_what_was_not_measured_is_none(self):
        self.assertIsNone(self.found.spread("m", "b", "cpu_us"))
        self.assertIsNone(self.found.median("m", "a", "rss_kb_each"))
        self.assertEqual(self.found.last("m", "a", "cpu_us"), (None, None))

    def test_a_curve_is_in_order_and_apart_from_the_rest(self):
        self.assertEqual(self.found.curve("c", "a", "cpu_us"), [(1, (2, 2, 2)), (10, (20, 20, 20))])
        self.assertEqual(self.found.last("c", "a", "cpu_us"), ((20, 20, 20), 10))

    def test_a_failure_is_no_figure(self):
        self.assertTrue(self.found.has("m", "a"))
        self.assertFalse(self.found.has("m", "b"))
        self.assertEqual(self.found.failure("m", "b"), "why")


class Texts(unittest.TestCase):
    def test_numbers_have_the_digits_that_mean_something(self):
        self.assertEqual([figures.number(value) for value in (0.5, 12.34, 123.4, 1234.5)],
                         ["0.50", "12.3", "123", "1,234"])

    def test_a_spread_of_one_is_one_number(self):
        self.assertEqual(figures.text(figures.spread_of([2.0])), "2.00")
        self.assertEqual(figures.text(figures.spread_of([1, 2, 4])), "2.00 (1.00-4.00)")
        self.assertEqual(figures.text(None), "-")


if __name__ == "__main__":
    unittest.main()
