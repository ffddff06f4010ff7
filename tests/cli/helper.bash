# helper.bash - what the tests of spctl share: a folder of their own, and an engine of paper.

setup() {
	SPCTL=${BUILD:-build}/bin/spctl
	[[ $SPCTL == /* ]] || SPCTL=$BATS_TEST_DIRNAME/../../$SPCTL
	DIR=$(mktemp -d)
	SOCKET=$DIR/sock
	ENGINE_PID=
	unset SPCTL_SOCKET NO_COLOR
	export SPCTL_HOME=$DIR/home SPCTL_ENGINE=/nonexistent/spctld
}

teardown() {
	if [ -n "$ENGINE_PID" ]; then
		kill "$ENGINE_PID" 2> /dev/null || :
		wait "$ENGINE_PID" 2> /dev/null || :            # it writes into the folder until then
	fi
	rm -rf "$DIR"
}

# engine ANSWERS: starts the engine of paper with these answers (see fake_engine.py); spctl is led to it.
engine() {
	local ready
	printf '%s' "$1" > "$DIR/answers"
	: > "$DIR/log"
	exec {ENGINE_OUT}< <(exec /usr/bin/python3 "$BATS_TEST_DIRNAME/fake_engine.py" "$SOCKET" "$DIR/answers" "$DIR/log" 3>&-)
	ENGINE_PID=$!
	read -r ready <&"$ENGINE_OUT"
	[ "$ready" = ready ]
	export SPCTL_SOCKET=$SOCKET
}

# spctl ...: standard output, standard error and status go to $out, $errors and $status.
spctl() {
	status=0
	"$SPCTL" "$@" > "$DIR/out" 2> "$DIR/errors" < "${INPUT:-/dev/null}" || status=$?
	out=$(cat "$DIR/out")
	errors=$(cat "$DIR/errors")
}

# exits STATUS SENTENCE: the last spctl failed with this status and exactly this sentence, and printed nothing else.
exits() {
	same "$1" "$status"
	same "spctl: $2" "$errors"
	same "" "$out"
}

# same WANTED GOT
same() {
	[ "$1" = "$2" ] || {
		printf 'wanted: %s\n   got: %s\n' "$1" "$2" >&2
		return 1
	}
}

# asked METHOD: the parameters that the engine got with the last request of this method.
asked() {
	sed -n "s/^$1 //p" "$DIR/log" | tail -n 1
}

# json FILTER: of the last output, by python: the document is d.
json() {
	/usr/bin/python3 -c "import json, sys; d = json.load(open(sys.argv[1])); print($1)" "$DIR/out"
}
