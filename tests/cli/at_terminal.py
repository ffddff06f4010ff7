#!/usr/bin/python3
"""Runs a command at a terminal of its own, types answers to its prompts, prints what was on the screen.

usage: at_terminal.py [PROMPT ANSWER]... -- COMMAND...

Exits as the command does; with 99 when a prompt does not come in 10 s.
"""
import os
import pty
import select
import sys
import time

DEADLINE_S = 10


def main():
    split = sys.argv.index("--")
    talk = sys.argv[1:split]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[split + 1], sys.argv[split + 1:])
    screen, seen, deadline = b"", 0, time.monotonic() + DEADLINE_S
    while True:
        if not select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
            print(screen.decode(errors="replace"), "\nno prompt:", talk)
            return 99
        try:
            got = os.read(terminal, 65536)
        except OSError:                     # the terminal's last user is gone
            got = b""
        if not got:
            break
        screen += got
        if talk and talk[0].encode() in screen[seen:]:
            seen = len(screen)
            os.write(terminal, talk[1].encode() + b"\n")
            talk = talk[2:]
            deadline = time.monotonic() + DEADLINE_S
    sys.stdout.write(screen.decode(errors="replace"))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    sys.exit(main())
