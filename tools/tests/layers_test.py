"""The layer check finds what it is for."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import layers  # noqa: E402

RULES = layers.parse("""
# a comment
base:
net: base
proto: base
domain: base net/mailbox.h
<openssl/>: base net
<openssl/ssl.h>: net
""")


def complaints(layer, include):
    return layers.check(RULES, layer, "file.c", f"#include {include}\n")


class Layers(unittest.TestCase):
    def test_a_layer_includes_itself_and_what_is_granted(self):
        self.assertEqual(complaints("net", '"net/loop.h"'), [])
        self.assertEqual(complaints("net", '"base/str.h"'), [])

    def test_a_layer_below_is_refused_by_line(self):
        text = '#include "base/str.h"\n#  include "net/loop.h"\n'
        self.assertEqual(layers.check(RULES, "proto", "src/proto/a.c", text),
                         ["src/proto/a.c:2: proto may not include net/loop.h"])

    def test_a_single_header_may_be_granted(self):
        self.assertEqual(complaints("domain", '"net/mailbox.h"'), [])
        self.assertEqual(len(complaints("domain", '"net/loop.h"')), 1)

    def test_outside_headers_have_homes(self):
        self.assertEqual(complaints("base", "<openssl/evp.h>"), [])
        self.assertEqual(len(complaints("base", "<openssl/ssl.h>")), 1)
        self.assertEqual(complaints("net", "<openssl/ssl.h>"), [])
        self.assertEqual(len(complaints("proto", "<openssl/evp.h>")), 1)
        self.assertEqual(complaints("proto", "<stdio.h>"), [])

    def test_the_list_is_an_order(self):
        self.assertEqual(layers.loops(RULES), [])
        self.assertEqual(len(layers.loops(layers.parse("a: b\nb: a\n"))), 1)


if __name__ == "__main__":
    unittest.main()
