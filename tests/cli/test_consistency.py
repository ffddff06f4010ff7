#!/usr/bin/python3
"""Holds together what tells of the commands: the parser, --help, the man pages, and the completions of bash, zsh and fish.

spctl prints its table of commands (spctl help --commands).  Each of the others is looked at from outside, as its user does:
options are given to the parser, the help is read, the pages' SYNOPSIS is parsed, and the shells complete.
"""
import collections
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "lib"))
import tap  # noqa: E402

BUILD = os.path.abspath(os.path.join(TOP, os.environ.get("BUILD", "build")))
SPCTL = os.path.join(BUILD, "bin", "spctl")
SHARED = {"--limit", "--after", "--as", "--dry-run"}        # described once, in spctl(1)

Item = collections.namedtuple("Item", "name value completes required many help")


class Command:
    def __init__(self, noun, verb, page, help_):
        self.noun, self.verb, self.page, self.help = noun, verb, page, help_
        self.words = [noun] + ([verb] if verb else [])
        self.arguments, self.options = [], []

    def __str__(self):
        return " ".join(self.words)


def run(*words, cwd=None, **env):
    return subprocess.run([SPCTL, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, cwd=cwd,
                          env={**os.environ, **env})


def read_table():
    common, commands, pages = [], [], {}
    for line in run("help", "--commands").stdout.splitlines():
        kind, noun, verb, name, value, completes, marks, help_ = line.split("\t")
        verb = "" if verb == "-" else verb
        item = Item(name, None if value == "-" else value, completes, "required" in marks, "many" in marks, help_)
        if kind == "common":
            common.append(item)
        elif kind == "noun":
            pages[noun] = name[:name.index("(")]
        elif kind == "command":
            commands.append(Command(noun, verb, pages[noun], help_))
        else:
            getattr(commands[-1], kind + "s").append(item)
    return common, commands


# ---- the parser -----------------------------------------------------------------------------------------------------

def value_for(item):
    """"1" is a number, a name, and in the folder of the test a file with a password."""
    return item.value.split("|")[0] if item.value and "|" in item.value else "1"


def given(item):
    return [item.name] + ([value_for(item)] if item.value else [])


def lines_of(command, common):
    """Command lines that together have every option; where the options exclude each other, one line for each."""
    needed = command.words + [value_for(a) for a in command.arguments if a.required]
    shared = [word for item in common if item.name in ("--json", "--no-header", "--quiet", "--tenant", "--no-start")
              for word in given(item)]
    if str(command) == "customer show":
        return [needed + shared + given(option) for option in command.options]
    return [needed + shared + [word for option in command.options for word in given(option)]]


def check_parser(common, commands, folder):
    """Whatever the table has is understood: the command fails for want of an engine (doctor: finds that), not for its command line."""
    env = {"SPCTL_SOCKET": os.path.join(folder, "none")}
    known = sorted({option.name for command in commands for option in command.options if option.value})
    for command in commands:
        if command.noun == "help":
            continue
        lines = lines_of(command, common)
        for line in lines:
            got = run(*line, **env, cwd=folder)
            tap.check(f"the parser takes: spctl {' '.join(line)}", got.returncode == (1 if command.noun == "doctor" else 69), got.stderr)
        foreign = next(name for name in known[len(str(command)) * 7 % len(known):] + known
                       if name not in {o.name for o in command.options} and name.startswith("--"))
        got = run(*lines[0], foreign, "1", **env, cwd=folder)
        tap.check(f"{command}: the parser refuses {foreign}", got.returncode == 64 and foreign in got.stderr, got.stderr)


# ---- --help ---------------------------------------------------------------------------------------------------------

def squeezed(text):
    return " ".join(text.split())


def check_help(common, commands):
    everything = squeezed(run("help").stdout)
    for item in common:
        tap.check(f"spctl help tells of {item.name}", f" {item.name} " in everything and squeezed(item.help) in everything)
    for command in commands:
        text = run(*command.words, "--help").stdout
        entries = set(re.findall(r"^  (--?[a-z-]+)", text, re.M))
        missing = [item.name for item in command.options + command.arguments if squeezed(item.help) not in squeezed(text)]
        tap.check(f"{command} --help explains every option and argument", not missing, missing)
        tap.equal(f"{command} --help lists these options", entries, {o.name for o in command.options})
        tap.check(f"spctl help has the noun {command.noun}", f" {command.noun} " in everything)
        if command.verb:
            tap.check(f"{command.noun} --help has {command.verb}", squeezed(command.help) in squeezed(run(command.noun, "--help").stdout))


# ---- the man pages --------------------------------------------------------------------------------------------------

def synopsis_of(page):
    """{command: {what: is it required}} of a page's SYNOPSIS."""
    text = re.search(r"^\.Sh SYNOPSIS\n(.*?)^\.Sh ", page, re.M | re.S).group(1)
    found = {}
    for part in re.split(r"^\.Nm spctl\n", text, flags=re.M)[1:]:
        lines = part.strip().split("\n")
        if not lines[0].startswith(".Ic "):
            continue
        found[lines[0][4:]] = {}
        for line in lines[1:]:
            words = line.replace(" ...", "").split(" ", 1)
            required = words[0] != ".Op"
            rest = words[1] if not required else line[1:].replace(" ...", "")
            found[lines[0][4:]][synopsis_item(rest)] = required
    return found


def synopsis_item(text):
    """"Fl -transport Cm udp | tcp" as "--transport udp|tcp", "Ar NAME" as "NAME"."""
    text = re.sub(r"^Fl (\S+)", r"-\1", text)
    text = re.sub(r" ?Ar ", " ", text) if text.startswith("-") else re.sub(r"^Ar ", "", text)
    return text.replace(" Cm ", " ").replace(" | ", "|")


def wanted_synopsis(command):
    return {**{a.name: a.required for a in command.arguments},
            **{o.name + (f" {o.value}" if o.value else ""): o.required for o in command.options}}


def entries_of(page):
    """The options that are described: .It Fl -name."""
    names = set()
    for line in re.findall(r"^\.It (Fl .*)", page, re.M):
        words = line.split()
        names.add("-" + words[1])
        if "," in words:
            names.add("-" + words[words.index(",") + 1])
    return names


def check_pages(common, commands):
    pages = {}
    for command in commands:
        if command.page not in pages:
            with open(os.path.join(TOP, "man", command.page + ".1"), encoding="utf-8") as file:
                pages[command.page] = file.read()
    for name, page in pages.items():
        mine = [command for command in commands if command.page == name]
        synopsis = synopsis_of(page)
        tap.equal(f"{name}(1) has these commands", set(synopsis), {str(command) for command in mine})
        for command in mine:
            tap.equal(f"{name}(1): SYNOPSIS of {command}", synopsis.get(str(command)), wanted_synopsis(command))
        own = {o.name for command in mine for o in command.options} - SHARED
        if name == "spctl":
            own |= {item.name for item in common} | SHARED | {"-q", "-h"}
        tap.equal(f"{name}(1) describes these options", entries_of(page), own)
        for part in ("EXAMPLES", "EXIT STATUS"):
            tap.check(f"{name}(1) has {part}", f"\n.Sh {part}\n" in page)
    nouns = set(re.findall(r"^\.It Ic (.*)", pages["spctl"], re.M))
    tap.equal("spctl(1) names every noun", {word for line in nouns for word in line.split(" , ")}, {c.noun for c in commands})


def check_lint():
    """mandoc finds nothing, and the pages that are referred to are there."""
    folder = os.path.join(TOP, "man")
    paths = sorted(os.path.join(folder, name) for name in os.listdir(folder))
    out = subprocess.run(["mandoc", "-Tlint", "-Wstyle", *paths], capture_output=True, text=True, check=False).stdout
    found = [line for line in out.splitlines() if "referenced manual not found" not in line]
    tap.check("mandoc -Tlint finds nothing", not found, "\n".join(found))
    for path in paths:
        with open(path, encoding="utf-8") as file:
            text, _, also = file.read().partition("\n.Sh SEE ALSO\n")
        refs = re.findall(r"^\.Xr (spctl\S*) (\d)", text, re.M)
        listed = re.findall(r"^\.Xr (spctl\S*) (\d)", also, re.M)
        tap.equal(f"{os.path.basename(path)} has in SEE ALSO what it names", sorted(set(refs) - set(listed)), [])
        refs += listed
        missing = [f"{name}({section})" for name, section in refs if not os.path.exists(f"{folder}/{name}.{section}")]
        tap.check(f"{os.path.basename(path)} refers to pages that exist", not missing, missing)


# ---- the completions ------------------------------------------------------------------------------------------------

BASH = r'''
source "$1"
while IFS= read -r line; do
	IFS=$'\t' read -r -a COMP_WORDS <<< "$line"
	COMP_WORDS[-1]=${COMP_WORDS[-1]%.}
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_spctl
	printf '%s\n' "${COMPREPLY[@]}" "=="
done
'''
ZSH = r'''
fpath=(${1:h} $fpath)
autoload -U _spctl
_describe() { local entry; for entry in "${(@P)2}"; do print -r -- "${${entry%%:*}//\\:/:}"; done }
_files() { print :file }
compset() { }
_call_program() { shift; eval "$@" }
while IFS= read -r line; do
	words=("${(@ps:\t:)line%.}")
	CURRENT=$#words
	_spctl
	print -r -- '=='
done
'''
FISH = r'''
source $argv[1]
while read -l line
	complete -C (string replace -a \t ' ' -- $line | string replace -r '\.$' '') | string replace -r '\t.*' ''
	echo ==
end
'''
SHELLS = {
    "bash": (["bash", "--norc", "-c", BASH, "bash", "completions/spctl.bash"]),
    "zsh": (["zsh", "-f", "-c", ZSH, "zsh", "completions/_spctl"]),
    "fish": (["fish", "--no-config", "-c", FISH, "completions/spctl.fish"]),
}


def complete(shell, lines, env):
    """What the shell offers for each of these lines of words; "." marks the end of the word being typed."""
    text = "".join("\t".join(["spctl", *line[:-1], line[-1] + "."]) + "\n" for line in lines)
    got = subprocess.run(SHELLS[shell], input=text, capture_output=True, text=True, cwd=TOP, env=env, check=False)
    parts = got.stdout.split("==\n")
    if len(parts) != len(lines) + 1:
        tap.note(got.stderr)
        return [set()] * len(lines)
    return [{word.strip() for word in part.split("\n") if word.strip()} for part in parts[:-1]]


def questions(common, commands):
    """Lines of words, and what must be offered."""
    nouns = {command.noun for command in commands}
    yield [""], nouns
    yield ["help", ""], nouns
    yield ["help", "dispo", ""], {command.verb for command in commands if command.noun == "dispo"}
    yield ["nonsense", ""], set()
    yield ["station", "add", "x", "--did", "--", "--d"], {"--dial-prefix", "--dry-run", "--dtmf"}
    for noun in sorted(nouns):
        verbs = {command.verb for command in commands if command.noun == noun}
        if verbs != {""}:
            yield [noun, ""], {verb.split()[0] for verb in verbs}
        for first in sorted({verb.split()[0] for verb in verbs if " " in verb}):
            yield [noun, first, ""], {verb.split()[1] for verb in verbs if verb.startswith(first + " ")}
    for command in commands:
        yield command.words + ["-"], {o.name for o in command.options} | {item.name for item in common}
        for option in command.options:
            if option.value and "|" in option.value:
                yield command.words + [option.name, ""], set(option.value.split("|"))


def names_questions():
    """Names that the engine knows."""
    yield ["login", ""], {"ann", "bob"}
    yield ["history", "list", "--user=b"], {"--user=bob"}
    yield ["history", "list", "--user=b", "--newest", "--user", "a"], {"ann"}
    yield ["user", "add", "--role=s"], {"--role=supervisor"}
    yield ["user", "add", "--name=s"], set()
    yield ["user", "add", "--nonsense=s"], set()
    yield ["login", "ann", ""], {"desk1", "desk2"}
    yield ["dispo", "save", ""], {"sale", "busy"}
    yield ["session", "show", "--as", "b"], {"bob"}
    yield ["sound", "use", ""], {"auto", "headset"}
    yield ["--tenant", ""], {"acme"}


NAMES = """{"station.list": [{"result": {"items": [{"name": "desk1"}, {"name": "desk2"}], "next": null}}],
"user.list": [{"result": {"items": [{"login": "ann"}, {"login": "bob"}], "next": null}}],
"sound.list": [{"result": {"items": [{"name": "auto"}, {"name": "headset"}], "next": null}}],
"dispo.list": [{"result": {"items": [{"code": "sale"}, {"code": "busy"}], "next": null}}],
"tenant.list": [{"result": {"items": [{"name": "acme"}], "next": null}}]}"""


def check_completions(common, commands, folder):
    socket = os.path.join(folder, "sock")
    with open(os.path.join(folder, "answers"), "w", encoding="utf-8") as file:
        file.write(NAMES)
    env = {**os.environ, "PATH": os.path.join(BUILD, "bin") + ":" + os.environ["PATH"], "SPCTL_SOCKET": socket,
           "HOME": folder, "XDG_CONFIG_HOME": folder, "XDG_DATA_HOME": folder, "XDG_RUNTIME_DIR": folder}
    engine = subprocess.Popen(["/usr/bin/python3", os.path.join(HERE, "fake_engine.py"), socket, os.path.join(folder, "answers"),
                               os.path.join(folder, "log")], stdout=subprocess.PIPE, text=True)
    try:
        engine.stdout.readline()
        asked = list(questions(common, commands)) + list(names_questions())
        for shell in SHELLS:
            answers = complete(shell, [line for line, _ in asked], env)
            for (line, wanted), got in zip(asked, answers):
                tap.equal(f"{shell} completes: spctl {' '.join(line)}", got, wanted)
            joined = ["station", "add", "x", "--tls-ca=" + os.path.join(folder, "ans")]
            got = complete(shell, [joined], env)[0] if shell != "bash" else None        # there '=' ends a word
            tap.check(f"{shell} completes names of files behind an option", got in ({joined[3] + "wers"}, {":file"}, None), got)
            got = complete(shell, [["station", "add", "x", "--tls-ca", os.path.join(folder, "ans")]], env)[0]
            tap.check(f"{shell} completes names of files", got in ({os.path.join(folder, "answers")}, {":file"}), got)
    finally:
        engine.kill()
        engine.wait()


@tap.main
def test():
    common, commands = read_table()
    tap.check("the table has commands", len(commands) > 50 and len(common) > 5)
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "1"), "w", encoding="utf-8") as file:
            file.write("secret\n")
        check_parser(common, commands, folder)
        check_help(common, commands)
        check_pages(common, commands)
        check_lint()
        check_completions(common, commands, folder)
