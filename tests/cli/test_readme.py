#!/usr/bin/python3
"""README.md's example, typed as it stands there: what spctl prints is what the page says."""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "engine"))
from desk import BUILD, ROOT, Engine, FarEnd  # noqa: E402
import tap  # noqa: E402


def examples():
    """(command, what it prints), from the first block of the page."""
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        block = re.search(r"^```\n(.*?)^```$", file.read(), re.S | re.M)[1]
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, _, output = part.partition("\n")
        yield command, output.rstrip("\n")


@tap.main
def test():
    with Engine() as engine, FarEnd() as far:
        env = {**os.environ, "SPCTL_HOME": engine.home, "PATH": os.path.join(BUILD, "bin") + ":" + os.environ["PATH"]}

        def type_(line):
            return subprocess.run(["sh", "-c", line], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, check=False, timeout=60).stdout.rstrip("\n")
        for line in ("tenant set --hours 00:00-24:00 --timezone Etc/UTC", "user add ann",
                     f"station add desk1 --did 4155550199 --sip-uri sip:anna@{far.ip} --no-register",
                     "customer add --name 'Bob Ray' --phone 4155550100", "customer add --name 'Dan Dole' --phone 4155550133",
                     "customer set 2 --cease-and-desist on --reason letter", "customer add --name 'Eve Doe' --phone 4155550101",
                     "login ann desk1"):
            type_("spctl " + line)
        for command, output in examples():
            tap.equal(command, type_(command), output)
