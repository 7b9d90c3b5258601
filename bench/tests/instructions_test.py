"""Reading what callgrind writes: names told once, costs where they are spent."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import instructions  # noqa: E402

OUT = """# callgrind format
positions: line
events: Ir

ob=(1) /somewhere/build/src/server/switchyard
fl=(1) ../src/net/loop.c
fn=(1) loop_turn
10 100
+2 50
cob=(2) /usr/lib/libcrypto.so.3
cfi=(2) ???
cfn=(2) EVP_Digest
calls=3 0
* 7000
fi=(3) ../src/base/buf.h
12 5
fe=(1)
14 1

ob=(2)
fl=(2)
fn=(2)
0 900

ob=(1)
fl=(4) ../src/tls/tls_record.c
fn=(3) tls_record_seal
1 30

totals: 1086
"""


class Callgrind(unittest.TestCase):
    def test_costs_count_where_they_are_spent_and_not_in_callers(self):
        self.assertEqual(instructions.read(OUT.splitlines()), {
            "loop and connections": 151, "buffers, maps, pools, log": 5,
            "TLS, records and handshake": 930})

    def test_the_table_is_for_one_operation_and_begins_with_the_dearest(self):
        self.assertEqual(instructions.table("commands", {"store": 250, "SQLite": 750, "the rest": 9}, 10),
                         [["commands", "instructions", "share"], ["all", "101", "100%"],
                          ["SQLite", "75", "74%"], ["store", "25", "25%"]])


if __name__ == "__main__":
    unittest.main()
