#!/usr/bin/python3
"""Runs a command at a terminal of its own, types answers to its prompts, prints what was on the screen.

usage: at_terminal.py [PROMPT ANSWER]... -- COMMAND...

Exits as the command does, with 128 + N when signal N ended it, and with 99 when it says nothing for a minute.
Says when the command leaves the terminal without echo.  An answer "^C" is the interrupt key.  With COLUMNS the terminal has so many.
"""
import os
import pty
import select
import signal
import sys
import termios
import time

DEADLINE_S = 60          # it only tells one that is stuck: a busy machine may be slow


def main():
    split = sys.argv.index("--")
    talk = sys.argv[1:split]
    pid, terminal = pty.fork()
    if pid == 0:                            # whoever runs the tests may ignore or block signals
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if "COLUMNS" in os.environ:
            termios.tcsetwinsize(0, (24, int(os.environ["COLUMNS"])))
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
        deadline = time.monotonic() + DEADLINE_S
        if talk and talk[0].encode() in screen[seen:]:
            seen = len(screen)
            os.write(terminal, b"\x03" if talk[1] == "^C" else talk[1].encode() + b"\n")
            talk = talk[2:]
    sys.stdout.write(screen.decode(errors="replace"))
    if not termios.tcgetattr(terminal)[3] & termios.ECHO:
        print("(echo is left off)")
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
