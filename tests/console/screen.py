"""screen.py - the console on a terminal of tmux, as its user sees it.

	with Screen(engine.home, 80, 24, "vt100", "--user anna") as screen:
		screen.wait("Log in")           # until the screen shows it; fails after PATIENCE seconds, with the screen
		screen.keys("Enter", "F8")
		screen.paste("(415) 555-0100")

tmux tells of no change: wait() looks every few milliseconds, up to a deadline.  What is looked at once may be half of a repaint: what a
check wants is waited for, by wait(), shows() or until().  `raw` is what the console wrote, with a delay: raw(WANTED) waits for that.
"""
import contextlib
import fcntl
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.abspath(os.path.join(ROOT, os.environ.get("BUILD", "build")))
SPCTL = os.path.join(BUILD, "bin", "spctl")
sys.path[1:1] = [os.path.join(ROOT, "tests", "lib"), os.path.join(ROOT, "tests", "engine")]
sys.dont_write_bytecode = True

PATIENCE = 15.0

# All is set before the pane is: what comes later would change its size under the console.
SETTINGS = """set -g default-shell /bin/sh
set -g status off
set -s escape-time 0
set -g remain-on-exit on
set -g history-limit 0
"""


class Screen:
	def __init__(self, home, columns=80, rows=24, term="screen-256color", arguments="", env="", shell=False, program=SPCTL):
		self.folder = tempfile.mkdtemp(prefix="spctl-screen-")
		self.term = term
		variables = f"SPCTL_HOME={home} TERM={term} LC_ALL=C.UTF-8 {env}"
		if term == "linux":             # ncurses loads libgpm for it, which leaks ten bytes
			variables += " ASAN_OPTIONS=detect_leaks=0"
		self.command = f"{program} console {arguments}"
		line = f"exec env {variables} sh -c 'stty -a >{self.folder}/before; {self.command}; echo $? >{self.folder}/status; cat'"
		if shell:
			line = f"exec env {variables} PS1='prompt> ' HISTFILE= bash --norc -i"
		for name, text in (("raw", ""), ("settings", SETTINGS)):
			with open(f"{self.folder}/{name}", "w", encoding="utf-8") as file:
				file.write(text)
		self.tmux("-f", f"{self.folder}/settings", "new-session", "-d", "-x", str(columns), "-y", str(rows), "cat")
		self.tmux("pipe-pane", f"exec cat >>{self.folder}/raw")
		self.tmux("respawn-pane", "-k", line)

	def tmux(self, *words):
		return subprocess.run(["tmux", "-u", "-S", f"{self.folder}/tmux", *words], check=True, capture_output=True,
			encoding="utf-8").stdout

	# ---- seeing ----

	def text(self):
		return self.tmux("capture-pane", "-p")

	def lines(self):
		return self.text().split("\n")[:-1]

	def raw(self, *wanted, timeout=PATIENCE):
		"""Once all of wanted (bytes or patterns) are in it, or time is up: what is told of it then says which."""
		deadline = time.monotonic() + timeout
		while True:
			with open(f"{self.folder}/raw", "rb") as file:
				raw = file.read()
			if time.monotonic() > deadline or all(w.search(raw) if isinstance(w, re.Pattern) else w in raw for w in wanted):
				return raw
			time.sleep(0.01)

	def wait(self, *wanted, gone=(), timeout=PATIENCE):
		"""Until each text (or pattern) of wanted is on the screen and none of gone is.  Gives the screen."""
		deadline = time.monotonic() + timeout
		while True:
			late = time.monotonic() > deadline      # before it is looked at: who was stopped meanwhile has looked once more
			text = self.text()
			missing = [w for w in wanted if not (w.search(text) if isinstance(w, re.Pattern) else w in text)]
			still = [g for g in ((gone,) if isinstance(gone, str) else gone) if g in text]
			if not missing and not still:
				return text
			if late:
				raise TimeoutError(f"the screen lacks {missing}, still has {still}:\n{text}")
			time.sleep(0.01)

	def shows(self, *wanted, gone=()):
		"""The same for a check: does it come to that."""
		try:
			return bool(self.wait(*wanted, gone=gone))
		except TimeoutError:
			return False

	def until(self, look, wanted=True):
		"""What look() gives: once it is what is wanted (True: anything that counts as such), else what it is in the end."""
		deadline = time.monotonic() + PATIENCE
		while True:
			late = time.monotonic() > deadline
			got = look()
			if late or (bool(got) if wanted is True else got == wanted):
				return got
			time.sleep(0.01)

	def size(self):
		return tuple(map(int, self.tmux("display-message", "-p", "#{pane_width} #{pane_height}").split()))

	def pid(self):
		"""Of the console."""
		pane = self.tmux("display-message", "-p", "#{pane_pid}").strip()
		return int(subprocess.run(["pgrep", "-P", pane, "-x", "spctl"], check=True, capture_output=True, text=True).stdout.split()[0])

	def has_window(self, title):
		"""Is a frame with this title on the screen, with straight edges?  Gives the text inside, or None when it does not come to that."""
		return self.until(lambda: self._window(title))

	def _window(self, title):
		lines = self.lines()
		for y, line in enumerate(lines):
			match = re.search(r"[┌+][─-]+ " + re.escape(title) + r".*?[┐+]", line)
			if match:
				return self._inside(lines, y, columns_before(line, match.start()), columns_before(line, match.end()) - 1)
		return None

	@staticmethod
	def _inside(lines, top, left, right):
		inside = []
		for line in lines[top + 1:]:
			cells = cells_of(line)
			if left >= len(cells) or right >= len(cells):
				return None
			if cells[left] in "└+" and cells[right] in "┘+":
				return "\n".join(inside)
			if cells[left] not in "│|" or cells[right] not in "│|":
				return None
			inside.append("".join(cells[left + 1:right]))
		return None

	def tty(self):
		return self.tmux("display-message", "-p", "#{pane_tty}").strip()

	def typed(self):
		"""How many bytes the console has not read yet."""
		fd = os.open(self.tty(), os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
		try:
			return struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, bytes(4)))[0]
		finally:
			os.close(fd)

	# ---- doing ----

	def keys(self, *keys):
		for key in keys:
			self.tmux("send-keys", key)

	def type(self, text):
		self.tmux("send-keys", "-l", "--", text)

	def paste(self, text):
		"""As a terminal pastes: between the marks that the console asked for."""
		self.tmux("set-buffer", "-b", "p", text)
		self.tmux("paste-buffer", "-p", "-b", "p")

	def mouse(self, button, y, x, down=True):
		"""As a terminal tells it to who asked for it in the way that TERM says; 0 is the left button, 64 and 65 are the wheel.  In the
		older way up to column 94."""
		if self.term.startswith("xterm-256"):
			self.type(f"\033[<{button};{x + 1};{y + 1}{'M' if down else 'm'}")
		else:
			self.type(f"\033[M{chr(32 + (button if down else 3))}{chr(33 + x)}{chr(33 + y)}")

	def click(self, y, x):
		self.mouse(0, y, x)
		self.mouse(0, y, x, down=False)

	def click_on(self, text, line_with=""):
		"""On the text in the first line that holds it and this."""
		def find():
			for y, line in enumerate(self.lines()):
				at = line.find(text)
				if at >= 0 and line_with in line:
					return y, columns_before(line, at)
		place = self.until(find)
		if not place:
			raise AssertionError(f"there is no \"{text}\" to click on:\n{self.text()}")
		self.click(*place)

	def resize(self, columns, rows):
		self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

	@contextlib.contextmanager
	def held_back(self):
		"""The terminal takes nothing meanwhile: who writes to it waits."""
		server, fd = int(self.tmux("display-message", "-p", "#{pid}")), os.open(self.tty(), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
		os.kill(server, signal.SIGSTOP)
		try:
			since = time.monotonic()
			while time.monotonic() - since < 0.1:           # the kernel makes room for some more a little later
				with contextlib.suppress(BlockingIOError):
					if os.write(fd, bytes(1024)):           # NUL is nothing to a terminal
						since = time.monotonic()
				time.sleep(0.005)
			yield
		finally:
			os.kill(server, signal.SIGCONT)
			os.close(fd)

	def ended(self, timeout=PATIENCE):
		"""Its exit status, when it has left."""
		deadline = time.monotonic() + timeout
		while time.monotonic() < deadline:
			try:
				with open(f"{self.folder}/status") as file:
					return int(file.read())
			except (OSError, ValueError):
				time.sleep(0.01)
		raise TimeoutError(f"the console does not leave:\n{self.text()}")

	def is_sane(self, timeout=PATIENCE):
		"""The terminal's modes are those from before the console, the other screen is left and the cursor is seen."""
		tty = self.tty()
		with open(f"{self.folder}/before") as file:
			before = file.read()
		deadline = time.monotonic() + timeout
		while True:
			now = subprocess.run(["stty", "-a", "-F", tty], check=True, capture_output=True, text=True).stdout
			if now == before and self.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}").strip() == "0 1":
				return True
			if time.monotonic() > deadline:
				return False
			time.sleep(0.02)

	def close(self):
		subprocess.run(["tmux", "-S", f"{self.folder}/tmux", "kill-server"], check=False, capture_output=True)
		self.until(lambda: shutil.rmtree(self.folder, ignore_errors=True) or not os.path.exists(self.folder))   # its last writers go

	def __enter__(self):
		return self

	def __exit__(self, kind, error, trace):
		if kind:
			try:
				sys.stderr.write("".join(f"# |{line}\n" for line in self.lines()))
			except subprocess.CalledProcessError:
				pass
		self.close()


def cells_of(line):
	"""One entry a column; a wide character is followed by an empty one."""
	import unicodedata
	cells = []
	for c in line:
		if unicodedata.combining(c) and cells:
			cells[-1] += c
			continue
		cells.append(c)
		if unicodedata.east_asian_width(c) in "WF":
			cells.append("")
	return cells


def columns_before(line, index):
	return len(cells_of(line[:index]))
