"""The check of options misses none."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import options  # noqa: E402

TABLE = '''OPTION(workers, INT, "workers", "0", 0, 64, FIXED, "a")
OPTION(listen_tls, ADDRESSES, "listen.tls", "*:8080", 0, 16, FIXED,
       "b")
'''
MANUAL = "### `workers`\n\na\n\n### `listen.tls`\n"
SAMPLE = "workers: 0\n\nlisten:\n  # b\n  tls: []\n"


class Options(unittest.TestCase):
    def test_all_are_there(self):
        self.assertEqual(options.check(TABLE, MANUAL, SAMPLE), [])

    def test_each_that_is_missing_is_named(self):
        self.assertEqual(options.check(TABLE, MANUAL.replace("`workers`", "`worker`"), SAMPLE),
                         ["docs/options.md: workers is missing"])
        self.assertEqual(options.check(TABLE, MANUAL, SAMPLE.replace("tls:", "tls_old:")),
                         ["etc/switchyard.yaml: listen.tls is missing"])

    def test_a_table_that_cannot_be_read_is_no_success(self):
        self.assertEqual(len(options.check("", MANUAL, SAMPLE)), 1)


if __name__ == "__main__":
    unittest.main()
