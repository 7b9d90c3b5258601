"""The size checks find what is too large, and measure as a reader would."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import functions  # noqa: E402
import sizes  # noqa: E402
import source  # noqa: E402


def function(body="", head="static int f(int a)"):
    return f"#include <a.h>\n\n{head}\n{{\n{body}}}\n"


class Functions(unittest.TestCase):
    def test_a_function_is_measured(self):
        text = function("    if (a)\n        return 1;\n    return 0;\n",
                        "enum err f(struct a *a, void (*on_end)(int x, int y),\n           int c)")
        found = list(source.functions(text))
        self.assertEqual(len(found), 1)
        self.assertEqual((found[0].name, found[0].line, found[0].length, found[0].parameters,
                          found[0].depth), ("f", 3, 7, 3, 1))

    def test_void_is_no_parameter(self):
        self.assertEqual(next(source.functions(function(head="int f(void)"))).parameters, 0)

    def test_seventy_lines_are_allowed_and_no_more(self):
        self.assertEqual(functions.check("a.c", function("    g();\n" * 67)), [])
        self.assertEqual(functions.check("a.c", function("    g();\n" * 68)),
                         ["a.c:3: f has 71 lines, more than 70"])

    def test_five_parameters_are_allowed_and_no_more(self):
        self.assertEqual(functions.check("a.c", function(head="int f(int a, int b, int c, int d, "
                                                              "int e)")), [])
        self.assertEqual(len(functions.check("a.c", function(
            head="int f(int a, int b, int c, int d, int e, int g)"))), 1)

    def test_three_levels_are_allowed_and_no_more(self):
        deep = ("    for (;;) {\n        if (a) {\n            while (b)\n                c();\n"
                "        } else if (d) {\n            e();\n        }\n    }\n")
        self.assertEqual(functions.check("a.c", function(deep)), [])
        self.assertEqual(len(functions.check("a.c", function(
            deep.replace("                c();", "                if (c)\n"
                         "                    d();")))), 1)

    def test_a_reason_excuses(self):
        self.assertEqual(functions.check("a.c", function(
            "    g();\n" * 90, "/* NOLINTNEXTLINE(readability-function-size): a table */\n"
            "static int f(int a)")), [])

    def test_a_block_of_excuses_has_an_end(self):
        wide = function(head="int f(int a, int b, int c, int d, int e, int g)")
        self.assertEqual(functions.check("a.c", f"/* NOLINTBEGIN: a reason */\n{wide}"), [])
        self.assertEqual(len(functions.check(
            "a.c", f"/* NOLINTBEGIN: a reason */\n/* NOLINTEND */\n\n{wide}")), 1)

    def test_a_declaration_above_is_not_part_of_it(self):
        wide = "static void f(int a, int b, int c) PRINTF_LIKE(2, 3);\n"
        self.assertEqual(functions.check("a.c", wide + function(head=wide.replace(
            " PRINTF_LIKE(2, 3);\n", ""))[len("#include <a.h>\n\n"):]), [])

    def test_text_that_looks_like_code_does_not_count(self):
        self.assertEqual(functions.check("a.c", function('    g("}\\n{ if (");\n')), [])


class Sizes(unittest.TestCase):
    def test_a_file_has_its_limit(self):
        for name, limit in (("a.c", 500), ("a.h", 120)):
            with self.subTest(name):
                path = pathlib.PurePath(name)
                self.assertEqual(sizes.check(path, "x\n" * limit), [])
                self.assertEqual(len(sizes.check(path, "x\n" * (limit + 1))), 1)


if __name__ == "__main__":
    unittest.main()
