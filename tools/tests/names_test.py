"""Every exported function says where it is."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import names  # noqa: E402

PATH = pathlib.Path("src/net/conn_input.c")


def function(head):
    return f"#include <a.h>\n\n{head}\n{{\n    return;\n}}\n"


class Names(unittest.TestCase):
    def test_a_function_bears_the_name_of_its_file_or_folder(self):
        for head in ("void conn_input(int a)", "void conn_input_take(int a)", "void net_open(void)"):
            self.assertEqual(names.check(PATH, function(head), {}), [])

    def test_what_is_static_may_be_called_anything(self):
        self.assertEqual(names.check(PATH, function("static void take(int a)"), {}), [])

    def test_another_name_is_refused(self):
        for head in ("void take(int a)", "void conn_inputs(int a)",
                     "struct conn *conn_new(struct loop *loop,\n                      int fd)"):
            self.assertEqual(len(names.check(PATH, function(head), {})), 1)

    def test_the_header_that_declares_it_may_give_its_name(self):
        header = "/* conn_odd(): not here. */\nMUST_USE enum err conn_open(int fd,\n    int b);\n"
        headers = {"conn": names.declared(header)}
        self.assertEqual(headers["conn"], {"conn_open"})
        self.assertEqual(names.check(PATH, function("enum err conn_open(int fd)"), headers), [])
        self.assertEqual(len(names.check(PATH, function("void conn_odd(void)"), headers)), 1)


if __name__ == "__main__":
    unittest.main()
