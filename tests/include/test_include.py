#!/usr/bin/python3
"""The house rules of src/ hold, and each of them notices what breaks it (on trees made for that)."""
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), HERE]
import house
import tap

TOP = os.path.normpath(os.path.join(HERE, "..", ".."))

# Which room sees which, written out by hand against the table's chains.
SEES = {
	"base": "base", "rule": "rule base", "db": "db rule base", "crypto": "crypto base", "proto": "proto base",
	"engine": "engine db rule crypto proto base", "cli": "cli console proto base", "console": "console proto base",
	"module": "module proto base", "media": "media proto base",
}

# Stands in for ncurses by macros, which reach no file but one that is included.
MAY_INCLUDE = ("fuzz/fuzz_input.c",)

# Nothing of this is wrong.
GOOD = {
	"rule/gate.c": '#include <string.h>\n#include "gate.h"\n#include "../base/err.h"\n',
	"db/db.c": '#include <sqlite3.h>\n#include "../rule/gate.h"\n',
	"engine/dial.c": '#include <event2/event.h>\n#include "../rule/gate.h"\n#include "../crypto/seal.h"\n'
		'#  include   "../proto/frame.h"\n#include "../base/err.h"\n',
	"crypto/seal.c": "#include <openssl/evp.h>\n#include <regex.h>\n",
	"cli/comment.c": '/* #include "../rule/gate.h" */\n// #include "../rule/gate.h"\n/*\n#include "../rule/gate.h"\n*/\n'
		'// goes on \\\n#include "../rule/gate.h"\n',
	"cli/words.c": 'const char *s = "strcpy(a, b) \\" system(x)"; // atoi(x)\n'
		'int c = \'"\'; /* rand() */ char d = \'\\\'\';\n'
		"int x = snprintf(b, n, f), y = strtok_r(a, b, c), z = localtime_r(a, b), r = my_rand(), q = random();\n"
		'int m = app->system(1) + app.rand (2) + system_name + rand_bytes(3), systems(void);\n'
		'const char *t = "/*"; int u;\n',
	"module/main.c": "#include <re.h>\n#include <re_sip.h>\n#include <openssl/ssl.h>\n",
	"rule/words.c": "int f(void) { return a->time(0) + runtime(1) + gate_open(2) + snprintf(b, n, f); }\n",
}

# A file that is added to the tree above, and the one problem that must be found, at its line.
BAD = [
	("cli/x.c", '#include "../engine/engine.h"\n', "cli/x.c:1: cli includes engine/engine.h"),
	("cli/x.c", "\n  #  include\t\"../rule/gate.h\"\n", "cli/x.c:2: cli includes rule/gate.h"),
	("cli/x.c", '#include "../proto/../rule/gate.h"\n', "cli/x.c:1: cli includes rule/gate.h"),
	("cli/x.c", '#include \\\n"../rule/gate.h"\n', "cli/x.c:1: #include \\: write the file's name"),
	("cli/x.c", '/* a */ #include "../rule/gate.h" /* b */\n', "cli/x.c:1: cli includes rule/gate.h"),
	("cli/x.c", '#define GATE "../rule/gate.h"\n#include GATE\n', "cli/x.c:2: #include GATE: write the file's name"),
	("cli/x.c", '#include "../base/none.h"\n', 'cli/x.c:1: #include "../base/none.h": there is no such file'),
	("cli/x.c", '#include "base/err.h"\n', 'cli/x.c:1: #include "base/err.h": there is no such file'),
	("cli/x.c", "#include <base/err.h>\n", "cli/x.c:1: #include <base/err.h>: a header of ours"),
	("cli/x.c", '#include "../../elsewhere.h"\n', 'cli/x.c:1: #include "../../elsewhere.h": it lies outside'),
	("cli/x.c", '#include "gate.c"\n', "cli/x.c:1: #include of gate.c: no .c file"),
	("cli/x.c", "#include <gate.c>\n", "cli/x.c:1: #include of gate.c: no .c file"),
	("cli/deep/x.c", '#include "../../db/db.h"\n', "cli/deep/x.c:1: cli includes db/db.h"),
	("cli/x.h", '#include "../crypto/seal.h"\n', "cli/x.h:1: cli includes crypto/seal.h"),
	("cellar/x.c", "int x;\n", "cellar/x.c:1: the room cellar has no arrows"),
	("x.c", "int x;\n", "x.c:1: it lies in no room"),
	("engine/x.c", "#include <sqlite3.h>\n", "engine/x.c:1: engine includes <sqlite3.h>, which belongs to db"),
	("engine/x.c", "#include <openssl/evp.h>\n", "engine/x.c:1: engine includes <openssl/evp.h>"),
	("db/x.c", "#include <jansson.h>\n", "db/x.c:1: db includes <jansson.h>"),
	("rule/x.c", "#include <jansson.h>\n", "rule/x.c:1: rule includes <jansson.h>"),
	("engine/x.c", "#include <re_sip.h>\n", "engine/x.c:1: engine includes <re_sip.h>"),
	("engine/x.c", "#include <re.h>\n", "engine/x.c:1: engine includes <re.h>"),
	("rule/x.c", "#include <time.h>\n", "rule/x.c:1: rule includes <time.h>: rule is pure"),
	("rule/x.c", "#include <sys/stat.h>\n", "rule/x.c:1: rule includes <sys/stat.h>: rule is pure"),
	("rule/x.c", "int64_t t = clock_now_ms();\n", "rule/x.c:1: clock_now_ms() has no place in rule"),
	("base/x.c", "\n\tint x;%s/* */\n" % (" " * 102), "base/x.c:2: it has 121 columns, more than 120"),
	("rule/x.c", "\nint t = (int)time(0);\n", "rule/x.c:2: time() has no place in rule"),
]
BAD += [("base/x.c", f"int f(void)\n{{\n\treturn {name}(x);\n}}\n", f"base/x.c:3: {name}() is banned") for name in (
	"strcpy strcat sprintf vsprintf gets strtok localtime gmtime ctime asctime system popen atoi atol rand").split()]
BAD += [
	("base/x.c", "int y = (system)(x);\n", "base/x.c:1: system() is banned"),
	("base/x.c", "int y = system /* why */ (x);\n", "base/x.c:1: system() is banned"),
	("base/x.c", "int y = system\n(x);\n", "base/x.c:1: system() is banned"),
	("base/x.h", "#define RUN(x) system(x)\n", "base/x.h:1: system() is banned"),
	("base/x.c", 'char c = \'"\'; int y = atoi(x); const char *s = "";\n', "base/x.c:1: atoi() is banned"),
	("base/x.c", 'const char *s = "/*"; int y = atoi(x); /* */\n', "base/x.c:1: atoi() is banned"),
	("base/x.c", 'const char *s = "\\\\"; int y = atoi(x); // "\n', "base/x.c:1: atoi() is banned"),
]


def plant(folder, files):
	for room in house.ARROWS:
		os.makedirs(os.path.join(folder, room))
	for room, header in (("base", "err"), ("rule", "gate"), ("db", "db"), ("crypto", "seal"), ("proto", "frame"),
			("engine", "engine"), ("cli", "cli"), ("console", "console"), ("module", "module"), ("media", "media")):
		files = {**files, f"{room}/{header}.h": "#pragma once\n"}
	for name, text in files.items():
		path = os.path.join(folder, name)
		os.makedirs(os.path.dirname(path), exist_ok=True)
		with open(path, "w", encoding="utf-8") as f:
			f.write(text)


def planted(files):
	with tempfile.TemporaryDirectory(prefix="spctl-include-") as folder:
		plant(folder, files)
		return house.problems(folder)


def self_test():
	for room, seen in SEES.items():
		tap.equal(f"{room} sees {seen}", house.allowed(room), set(seen.split()))
	tap.equal("every room is in the table", set(SEES), set(house.ARROWS))
	tap.equal("a tree without faults has none", planted(GOOD), [])

	# Each pair of rooms, as one line of code.
	wrong = []
	for room, seen in SEES.items():
		for other in SEES:
			with tempfile.TemporaryDirectory(prefix="spctl-include-") as folder:
				plant(folder, {})
				header = next(n for n in os.listdir(os.path.join(folder, other)))
				with open(os.path.join(folder, room, "x.c"), "w", encoding="utf-8") as f:
					f.write(f'#include "../{other}/{header}"\n')
				found = house.problems(folder)
				if bool(found) == (other in seen.split()):
					wrong.append((room, other, found))
	tap.equal("each arrow between two rooms is allowed or found", wrong, [])

	for name, text, want in BAD:
		found = planted({**GOOD, name: text})
		tap.check(f"found: {want}", len(found) == 1 and found[0].startswith(want),
			f"in {name}:\n{text}\nfound {found}")

	with tempfile.TemporaryDirectory(prefix="spctl-include-") as folder:
		plant(folder, {"rule/test_x.c": '#include "../../src/rule/gate.c"\n'})
		found = house.included_sources(folder)
		tap.check("a test that includes a .c file is found", len(found) == 1 and "gate.c" in found[0], found)


def real():
	src = os.path.join(TOP, "src")
	count = sum(1 for _ in house.sources(src))
	tap.check("there are sources to read", count > 50, f"{count} in {src}")
	found = house.problems(src)
	tap.check("src keeps the rules", not found, "\n".join(found))
	found = [line for line in house.included_sources(os.path.join(TOP, "tests")) if line.split(":")[0] not in MAY_INCLUDE]
	tap.check("no test includes a .c file", not found, "\n".join(found))


@tap.main
def test():
	self_test()
	real()
