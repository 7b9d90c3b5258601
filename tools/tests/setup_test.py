"""./dev setup installs what is missing and only that, with one call that is retried when it must."""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

APT_GET = """#!/bin/sh
echo "$@" >>"$CALLS"
[ "$1" = install ] || { touch "$CALLS.updated"; exit; }
[ -z "$WANTS_UPDATE" ] || [ -e "$CALLS.updated" ] || exit 100
"""

SCRIPT = """
set -euo pipefail
. tools/dev/say.sh
. tools/dev/setup.sh
needs_run() { %s; }
setup run
"""


class Setup(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.calls = self.folder / "calls"
        self.program("apt-get", APT_GET)
        self.program("id", "#!/bin/sh\necho 0\n")

    def program(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o755)

    def setup_with(self, needs, wants_update=""):
        """(exit status, what apt-get was asked for, stderr)"""
        env = {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}", "CALLS": str(self.calls),
               "WANTS_UPDATE": wants_update, "TMPDIR": str(self.folder)}
        done = subprocess.run(["bash", "-c", SCRIPT % needs], cwd=ROOT, env=env, text=True,
                              capture_output=True, check=False)
        calls = self.calls.read_text().splitlines() if self.calls.exists() else []
        return done.returncode, calls, done.stderr

    def test_nothing_is_installed_when_nothing_is_missing(self):
        self.assertEqual(self.setup_with("need there true"), (0, [], ""))

    def test_what_is_missing_is_installed_at_once_and_told(self):
        status, calls, told = self.setup_with("need there true; need b false; need a has no-such; "
                                              "need b false")
        self.assertEqual((status, told), (0, "-- installing a b\n"))
        self.assertEqual(calls, ["install -y --no-install-recommends a b"])

    def test_lists_are_fetched_only_when_the_first_try_fails(self):
        status, calls, _ = self.setup_with("need a false", wants_update="yes")
        self.assertEqual(status, 0)
        self.assertEqual([call.split()[0] for call in calls], ["install", "update", "install"])

    def test_a_failure_is_told_with_its_log(self):
        self.program("apt-get", "#!/bin/sh\necho no such package\nexit 100\n")
        status, _, told = self.setup_with("need a false")
        self.assertEqual(status, 1)
        self.assertIn("no such package", told)
        self.assertIn("could not install a", told)

    def test_another_system_is_told_what_it_lacks(self):
        status, calls, told = self.setup_with("need a false; has() { false; }")
        self.assertEqual((status, calls), (1, []))
        self.assertIn("this machine lacks a", told)


if __name__ == "__main__":
    unittest.main()
