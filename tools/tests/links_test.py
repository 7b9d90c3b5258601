"""A link that leads nowhere is found."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import links  # noqa: E402


class Links(unittest.TestCase):
    def complaints(self, text):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "docs").mkdir()
            (root / "README.md").write_text("")
            page = root / "docs/page.md"
            page.write_text(text)
            return [what for found in links.pages(root) for what in links.check(root, found)]

    def test_links_that_lead_somewhere_are_fine(self):
        self.assertEqual(self.complaints("[a](../README.md) [b](page.md#part) [c](#part) "
                                         "[d](https://example.com/x)"), [])

    def test_others_are_told_by_line(self):
        self.assertEqual(self.complaints("\n[a](READ.md)\n"),
                         ["docs/page.md:2: READ.md is not there"])


if __name__ == "__main__":
    unittest.main()
