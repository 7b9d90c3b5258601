"""A rule that nothing proves is found, and so is a proof that is not there."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import proofs  # noqa: E402

FINE = """# The protocol

Text needs none, but may have one: [a](a.wire).

* A rule. [a](a.wire)
* A rule that goes on
  in another line, [a reader's name](b.test.mjs)

| error | when | proof |
|---|---|---|
| 400 | always | [a](a.wire) |

| message | order |
|---|---|
| one | x |

[a](a.wire) checks them.
"""


class Proofs(unittest.TestCase):
    def complaints(self, text, checker=proofs.check):
        with tempfile.TemporaryDirectory() as folder:
            base = pathlib.Path(folder)
            (base / "a.wire").write_text('< 200 {"error":400}')
            (base / "b.test.mjs").write_text("test('a reader\\'s name', () => {});")
            return list(checker(base, text))

    def test_what_is_proved_is_fine(self):
        self.assertEqual(self.complaints(FINE), [])

    def test_each_kind_of_gap_is_told_by_line(self):
        self.assertEqual(self.complaints("* A rule.\n"), [(1, "nothing proves: A rule.")])
        self.assertEqual(self.complaints("* A rule. [c](c.wire)\n"),
                         [(1, "c.wire is not there"), (1, "nothing proves: A rule. [c](c.wire)")])
        self.assertEqual(self.complaints("* A rule. [another](b.test.mjs)\n"),
                         [(1, 'no test "another" in b.test.mjs')])
        self.assertEqual(self.complaints("\n" + FINE.replace("| 400 |", "| 401 |")),
                         [(12, "no proof of 401 has that code in it")])
        self.assertEqual(self.complaints(FINE.replace("always | [a](a.wire)", "always |")),
                         [(11, "nothing proves 400")])
        self.assertEqual(self.complaints(FINE.replace("[a](a.wire) checks", "Nobody checks")),
                         [(15, "nothing proves one")])

    def test_a_link_that_is_no_proof_does_not_count(self):
        self.assertEqual(len(self.complaints("* A rule. [page](b.md)\n")), 1)

    def test_each_golden_exchange_has_a_transcript_or_a_reason(self):
        def complaints(*told):
            rows = [f"| G{n} | what | [a](a.wire) |" for n in range(1 + len(told), 39)]
            rows += [f"| G{n} | what | {text} |" for n, text in enumerate(told, 1)]
            return self.complaints("\n".join(rows), proofs.check_exchanges)

        self.assertEqual(complaints(), [])
        self.assertEqual(complaints("none: nobody does so"), [])
        self.assertEqual([what for _, what in complaints("", "[c](c.wire)")],
                         ["G1 has neither a transcript nor a reason", "c.wire is not there",
                          "G2 has neither a transcript nor a reason"])
        self.assertEqual(len(self.complaints("", proofs.check_exchanges)), 38)


if __name__ == "__main__":
    unittest.main()
