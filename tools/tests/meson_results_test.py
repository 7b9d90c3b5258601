"""Test cases are counted as they were run."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "dev"))

import meson_results  # noqa: E402


def count(result, text):
    return meson_results.count({"result": result, "stdout": text})


class MesonResults(unittest.TestCase):
    def test_cases_count_over_all_groups(self):
        self.assertEqual(count("OK", "[==========] 4 test(s) run.\n[==========] 3 test(s) run.\n"),
                         (7, 0))

    def test_failed_cases_count(self):
        self.assertEqual(count("FAIL", "[==========] 4 test(s) run.\n"
                                       "[  FAILED  ] 3 test(s), listed below:\n"), (1, 3))

    def test_a_program_of_another_kind_is_one_test(self):
        self.assertEqual(count("OK", "4 inputs replayed"), (1, 0))
        self.assertEqual(count("FAIL", ""), (0, 1))

    def test_a_crash_after_the_last_case_is_a_failure(self):
        self.assertEqual(count("FAIL", "[==========] 4 test(s) run.\n"), (0, 1))
        self.assertEqual(count("TIMEOUT", ""), (0, 1))

    def test_what_is_skipped_counts_nowhere(self):
        self.assertEqual(count("SKIP", ""), (0, 0))


if __name__ == "__main__":
    unittest.main()
