# tap.sh - prints the results of a shell test as TAP (https://testanything.org), the plan at the end.
#
#	. "$(dirname "$0")/../lib/tap.sh"
#	check "a name" test -f FILE             the command's status decides; its output is shown when it failed
#	refuse "a name" grep -q x FILE          as check, but the command must fail
#	equal "a name" "$got" "$wanted"
#	ok "a name"; not_ok "a name" "why"
#	finish                                  the last line of the test: prints the plan, exits 1 when any check failed
#
# POSIX sh.  A script that ends before `finish` prints no plan and ends with status 1.

tap_count=0
tap_failed=0
tap_finished=

# A '#' in a name would begin a directive, and a newline would end the line.
tap_name() {
	printf '%s' "$1" | tr '\n\t' '  ' | sed 's/#/\\#/g'
}

note() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

ok() {
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s\n' "$tap_count" "$(tap_name "$1")"
}

not_ok() {
	tap_count=$((tap_count + 1))
	tap_failed=$((tap_failed + 1))
	printf 'not ok %d - %s\n' "$tap_count" "$(tap_name "$1")"
	[ -z "${2-}" ] || note "$2"
	return 0
}

# A check that cannot be made here; counts as passed and says why.
skip() {
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$(tap_name "$1")" "$(tap_name "$2")"
}

check() {
	tap_what=$1
	shift
	if tap_out=$("$@" 2>&1); then ok "$tap_what"; else not_ok "$tap_what" "status $? of: $*
$tap_out"; fi
}

refuse() {
	tap_what=$1
	shift
	if tap_out=$("$@" 2>&1); then not_ok "$tap_what" "should have failed: $*
$tap_out"; else ok "$tap_what"; fi
}

equal() {
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "got    $2
wanted $3"; fi
}

finish() {
	tap_finished=1
	printf '1..%d\n' "$tap_count"
	[ "$tap_count" -gt 0 ] || note 'nothing was checked'
	[ "$tap_count" -gt 0 ] && [ "$tap_failed" -eq 0 ]
	exit
}

# Run by the shell as it ends.  A test that sets a trap on EXIT itself calls tap_end in it.
tap_end() {
	tap_status=$?
	[ -n "$tap_finished" ] && exit "$tap_status"
	note "the test ended with status $tap_status before its end"
	exit 1
}
trap tap_end EXIT
