"""house.py - reads the sources and tells what breaks the house rules of src/: which room may include which, where the
outside libraries belong, and what nobody calls.

	problems(folder)    the sentences about a tree whose rooms are the folders of `folder`, each "FILE:LINE: what is wrong"
"""
import os
import re

# Each room with those beside it that its code may include: base <- rule <- db <- engine, base <- crypto <- engine,
# base <- proto <- {engine, console <- cli}; module and media include base and proto.  Chains are followed: what an
# allowed room may include is allowed too.
ARROWS = {
	"base": (),
	"rule": ("base",),
	"db": ("rule",),
	"crypto": ("base",),
	"proto": ("base",),
	"engine": ("db", "crypto", "proto"),
	"cli": ("proto", "console"),
	"console": ("proto",),
	"module": ("proto",),
	"media": ("proto",),
}

# Headers of the system that belong to some rooms only, by the start of their names.
LIBRARIES = {
	"sqlite3": ("db",),
	"libpq": ("db",),
	"openssl/": ("crypto", "module"),
	"jansson": ("proto", "engine", "cli", "console", "module", "media"),
	"event2/": ("engine", "media"),
	"re.h": ("module",),
	"re_": ("module",),
	"baresip": ("module",),
	"alsa/": ("media", "module"),
	"sndfile": ("media",),
	"curses": ("console",),
	"ncurses": ("console",),
}

# rule/ is pure: these headers bring a clock, files or processes.
NOT_IN_RULE = ("time.h", "sys/", "unistd.h", "fcntl.h", "signal.h", "poll.h", "pthread.h", "errno.h", "locale.h")
CALLED_BY_NO_RULE = ("clock_now_ms", "clock_mono_ms", "clock_gettime", "time", "tz_open", "printf", "fprintf", "fopen",
	"open", "read", "write", "getenv", "log_error", "log_warn", "log_info", "log_debug")

BANNED = ("strcpy", "strcat", "sprintf", "vsprintf", "gets", "strtok", "localtime", "gmtime", "ctime", "asctime",
	"system", "popen", "atoi", "atol", "rand")

WIDTH = 120                     # columns of a line, a tab being eight


def allowed(room, arrows=None):
	"""The rooms whose headers a room may include: itself and all along its arrows."""
	arrows = ARROWS if arrows is None else arrows
	out, todo = set(), [room]
	while todo:
		here = todo.pop()
		if here not in out:
			out.add(here)
			todo.extend(arrows[here])
	return out


_TOKENS = re.compile(r"""
	(?P<comment> //(?:\\\r?\n|[^\n])* | /\*.*?(?:\*/|\Z))
	| (?P<text> "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*')
	""", re.X | re.S)


def _blank(text):
	return re.sub(r"[^\n]", " ", text)


def without_comments(source):
	"""The source with blanks for comments; lines stay where they are."""
	return _TOKENS.sub(lambda m: _blank(m[0]) if m["comment"] else m[0], source)


def without_texts(source):
	"""The same with blanks for strings and characters."""
	return _TOKENS.sub(lambda m: _blank(m[0]), source)


def _line(source, at):
	return source.count("\n", 0, at) + 1


_INCLUDE = re.compile(r"^[ \t]*\#[ \t]*(?:include|include_next|import)\b[ \t]*(?P<what>[^\n]*)", re.M)


def includes(source):
	"""(line, kind, name) of each #include: kind is '"', '<', or '?' for one whose name is not written there."""
	source = without_comments(source)
	for m in _INCLUDE.finditer(source):
		what = m["what"].strip()
		named = re.fullmatch(r'"([^"]+)"|<([^>]+)>', what)
		if named:
			yield _line(source, m.start()), what[0], named[1] or named[2]
		else:
			yield _line(source, m.start()), "?", what


def calls(source, names):
	"""(line, name) of each call of one of these functions.  A member of that name, a->name(), is not one of them."""
	source = without_texts(source)
	for m in re.finditer(r"(?<![\w.])(?<!->)(%s)\s*\)*\s*\(" % "|".join(names), source):
		yield _line(source, m.start()), m[1]


def _room_of(folder, path):
	"""The room that a path lies in, or None."""
	relative = os.path.relpath(path, folder)
	first, *rest = relative.split(os.sep)
	return first if rest and first != ".." else None


def _bad_include(folder, path, room, kind, name):
	"""What is wrong with this include, or None."""
	if kind == "?":
		return f"#include {name}: write the file's name"
	if name.endswith(".c"):
		return f"#include of {name}: no .c file is included"
	if kind == "<":
		if os.path.exists(os.path.join(folder, name)):
			return f"#include <{name}>: a header of ours is included with quotes"
		for start, rooms in LIBRARIES.items():
			if name.startswith(start) and room not in rooms:
				return f"{room} includes <{name}>, which belongs to {', '.join(rooms)}"
		if room == "rule" and name.startswith(NOT_IN_RULE):
			return f"rule includes <{name}>: rule is pure"
		return None
	target = os.path.normpath(os.path.join(os.path.dirname(path), name))
	other = _room_of(folder, target)
	if other is None:
		return f'#include "{name}": it lies outside of the rooms'
	if not os.path.isfile(target):
		return f'#include "{name}": there is no such file beside {os.path.basename(path)}'
	if other not in ARROWS:
		return f"includes {other}/{os.path.basename(name)}: no arrow leads to {other}"
	if other not in allowed(room):
		return f"{room} includes {other}/{os.path.basename(name)}: no arrow leads from {room} to {other}"
	return None


def check_file(folder, path):
	"""The problems of one source file."""
	with open(path, encoding="utf-8") as f:
		source = f.read()
	room = _room_of(folder, path)
	where = os.path.relpath(path, folder)
	out = []
	if room is None:
		return [f"{where}:1: it lies in no room"]
	if room not in ARROWS:
		return [f"{where}:1: the room {room} has no arrows: give it some in tests/include/house.py"]
	for line, kind, name in includes(source):
		bad = _bad_include(folder, path, room, kind, name)
		if bad:
			out.append(f"{where}:{line}: {bad}")
	for line, name in calls(source, BANNED):
		out.append(f"{where}:{line}: {name}() is banned")
	if room == "rule":
		for line, name in calls(source, CALLED_BY_NO_RULE):
			out.append(f"{where}:{line}: {name}() has no place in rule, which is pure")
	for line, text in enumerate(source.split("\n"), 1):
		columns = len(text.expandtabs(8))
		if columns > WIDTH:
			out.append(f"{where}:{line}: it has {columns} columns, more than {WIDTH}")
	return out


def sources(folder):
	"""Every .c and .h below a folder, sorted."""
	for here, below, names in os.walk(folder):
		below.sort()
		for name in sorted(names):
			if name.endswith((".c", ".h")):
				yield os.path.join(here, name)


def problems(folder):
	return [problem for path in sources(folder) for problem in check_file(folder, path)]


def included_sources(folder):
	"""The problems of a tree that is no house (tests/): .c files that are included."""
	out = []
	for path in sources(folder):
		with open(path, encoding="utf-8") as f:
			source = f.read()
		out += [f"{os.path.relpath(path, folder)}:{line}: #include of {name}: no .c file is included"
			for line, _, name in includes(source) if name.endswith(".c")]
	return out
