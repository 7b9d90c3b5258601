"""A proof that names no test is found."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import clients  # noqa: E402

TESTS = r"""
testShared('a device\'s lamp', async () => {});
testServer('a long name that '
  + 'goes on', {}, async () => {});
testShared(`by ${cipher}`, async () => {});
"""


class Clients(unittest.TestCase):
    def complaints(self, name):
        return clients.check(f"# Page\n| what | [{name}](../tests/e2e/x.test.mjs) |\n",
                             lambda path: TESTS)

    def test_names_of_tests_are_found_however_they_are_written(self):
        for name in ("a device's lamp", "a long name\nthat goes on", "a long name that goes on", "by ${cipher}"):
            self.assertEqual(self.complaints(name), [])

    def test_others_are_told_by_line(self):
        self.assertEqual(self.complaints("a long name"), [
            'docs/clients.md:2: tests/e2e/x.test.mjs has no test "a long name"'])

    def test_links_elsewhere_are_none_of_its_business(self):
        self.assertEqual(clients.check("[a](../README.md)", lambda path: ""), [])


if __name__ == "__main__":
    unittest.main()
