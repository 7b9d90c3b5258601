"""The check of forbidden things finds each of them, and nothing in comments and texts."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import forbidden  # noqa: E402


def complaints(text, path="src/net/conn.c"):
    return forbidden.check_text(pathlib.PurePath(path), text)


class Forbidden(unittest.TestCase):
    def test_each_forbidden_call_is_found_by_line(self):
        for call in ("strcpy", "strcat", "sprintf", "vsprintf", "strtok", "alloca", "gets"):
            with self.subTest(call):
                self.assertEqual(complaints(f"\n    {call}(a, b);\n"),
                                 [f"src/net/conn.c:2: {call}() is forbidden"])

    def test_their_bounded_kin_are_allowed(self):
        self.assertEqual(complaints("snprintf(a, 3, b); fgets(a, 3, f); strtok_r(a, b, &c);"), [])

    def test_the_heap_belongs_to_base(self):
        for call in ("malloc", "calloc", "realloc", "strdup"):
            with self.subTest(call):
                self.assertEqual(len(complaints(f"p = {call}(3);")), 1)
                self.assertEqual(complaints(f"p = {call}(3);", "src/base/alloc.c"), [])
                self.assertEqual(complaints(f"p = {call}(3);", "tests/unit/a_test.c"), [])

    def test_comments_and_texts_may_speak_of_them(self):
        self.assertEqual(complaints('/* strcpy(a) */ f("gets(a)"); // malloc(3)\n'), [])

    def test_sources_are_not_included(self):
        self.assertEqual(len(complaints('#include "net/loop.c"\n')), 1)
        self.assertEqual(complaints('#include "net/loop.h"\n'), [])

    def test_a_todo_needs_an_issue(self):
        self.assertEqual(len(complaints("/* TODO: later */")), 1)
        self.assertEqual(complaints("/* TODO(#12): later */"), [])

    def test_functions_have_no_conditions_of_the_preprocessor(self):
        body = "static int f(void)\n{\n#ifdef A\n    return 1;\n#endif\n}\n"
        self.assertEqual(len(complaints(body)), 1)
        self.assertEqual(complaints("#ifdef A\n#endif\n\n" + body.replace("#ifdef A\n", "")), [])

    def test_a_name_stands_for_one_file(self):
        paths = [pathlib.PurePath(path) for path in ("src/net/a.c", "src/net/a.h", "src/ws/a.c")]
        self.assertEqual(forbidden.check_unique(paths[:2]), [])
        self.assertEqual(forbidden.check_unique(paths), ["src/ws/a.c: src/net/a.c has the same name"])

    def test_vague_names_are_found(self):
        self.assertEqual(len(forbidden.check_name(pathlib.PurePath("src/net/net_util.c"))), 1)
        self.assertEqual(forbidden.check_name(pathlib.PurePath("src/net/utility.c")), [])


if __name__ == "__main__":
    unittest.main()
