#!/usr/bin/python3
"""tests/run itself: what counts as failed, who gets a second run, and what is told of it."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(1, os.path.join(TOP, "tests", "lib"))
import tap                      # noqa: E402

GOOD = 'print("ok 1 - fine\\nok 2 - fine too\\n1..2")'
BAD = 'print("ok 1 - fine\\nnot ok 2 - is seven\\n# it is eight\\n1..2")\nraise SystemExit(1)'
# Fails at its first run only.
ONCE = f'import os\nif os.path.exists("seen"):\n\t{GOOD}\n\traise SystemExit(0)\nopen("seen", "w").close()\n' + BAD


def run(programs):
	"""(status, output) of a run of tests with these texts, by name."""
	top = tempfile.mkdtemp(prefix="spctl-runner-")
	try:
		os.makedirs(f"{top}/tests/room")
		os.makedirs(f"{top}/build/fuzz")
		shutil.copy(os.path.join(TOP, "tests", "run"), f"{top}/tests/run")
		os.makedirs(f"{top}/tests/fuzz")
		for name, text in {"fuzz/run": 'print("ok 1 - parser")', **{f"room/test_{n}.py": t for n, t in programs.items()}}.items():
			path = f"{top}/tests/{name}"
			with open(path, "w") as file:
				file.write("#!/usr/bin/python3\n" + text + "\n")
			os.chmod(path, 0o755)
		done = subprocess.run([f"{top}/tests/run", f"{top}/build"], capture_output=True, text=True, timeout=60)
		with open(f"{top}/build/test-summary") as file:
			tap.check(f"the summary is what is printed last: {' '.join(programs)}", done.stdout.endswith(file.read()), done.stdout)
		return done.returncode, done.stdout
	finally:
		shutil.rmtree(top)


def last(out):
	return out.splitlines()[-1]


@tap.main
def test():
	status, out = run({"a": GOOD, "b": GOOD})
	tap.equal("all is well", (status, last(out)), (0, "5 passed, 0 failed"))

	status, out = run({"a": GOOD, "b": BAD})
	tap.equal("one that fails twice has failed", (status, last(out)), (1, "4 passed, 1 failed"))
	tap.check("it is named with its check at the end", "What failed:\n  room/test_b.py: not ok 2 - is seven\n" in out, out)
	tap.equal("it ran twice", len(re.findall(r"(?m)^FAIL room/test_b.py", out)), 2)
	tap.check("what it says of the check stands where it failed", "     | not ok 2 - is seven\n     | # it is eight\n" in out, out)

	status, out = run({"a": GOOD, "b": ONCE})
	tap.equal("one that passes when run alone has passed", (status, last(out)), (0, "5 passed, 0 failed"))
	tap.check("but is told", "passed when run again alone:\n  room/test_b.py: not ok 2 - is seven\n" in out, out)

	status, out = run({"a": f'print("ERROR: AddressSanitizer: heap-use-after-free")\n{ONCE}'})
	tap.equal("a finding of a sanitizer has no second run", (status, last(out)), (1, "2 passed, 1 failed"))

	status, out = run({name: ONCE.replace("seen", f"seen-{name}") for name in "abcd"})
	tap.equal("where many fail none has", (status, last(out)), (1, "5 passed, 4 failed"))

	status, out = run({"a": 'print("ok 1 - fine\\n1..2")', "b": "pass", "c": 'print("ok 1 - x")\nraise SystemExit(3)'})
	tap.equal("one that breaks off, says nothing or ends ill has failed", (status, last(out)), (1, "3 passed, 3 failed"))
	for name, why in ("a", "planned 2 and printed 1"), ("b", "printed no result"), ("c", "ended with status 3"):
		tap.check(f"with the reason: {why}", f"  room/test_{name}.py: {why}\n" in out, out)

	status, out = run({"a": 'print("ok 1 - x # SKIP no card\\n1..1")'})
	tap.equal("what is skipped is counted", (status, last(out)), (0, "1 passed, 0 failed, 1 skipped"))
