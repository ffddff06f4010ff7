#!/usr/bin/env bats
# What spctl says about a command line that is wrong; no engine is asked or started for it.
# shellcheck disable=SC2154  # out, errors and status are set by helper.bash

load helper

@test "no command" {
	spctl
	exits 64 "a command is missing; spctl help lists them"
}

@test "an unknown noun, near a known one and not" {
	spctl staton list
	exits 64 "there is no command staton; did you mean station?"
	spctl STATION list
	exits 64 "there is no command STATION; did you mean station?"
	spctl zebra
	exits 64 "there is no command zebra; spctl help lists them"
}

@test "an unknown verb, near a known one and not" {
	spctl station lst
	exits 64 "station has no lst; did you mean station list?"
	spctl dispo frobnicate
	exits 64 "dispo has no frobnicate; it has list, add, set, rm, save"
	spctl key
	exits 64 "key needs one of init, rotate, status"
}

@test "an unknown option, near a known one and not" {
	spctl station list --jsno
	exits 64 "unknown option --jsno; did you mean --json?"
	spctl station add a --didd 1
	exits 64 "unknown option --didd; did you mean --did?"
	spctl station list --zebra
	exits 64 "unknown option --zebra; --help lists the options"
	spctl station list -x
	exits 64 "unknown option -x; --help lists the options"
	spctl station list -qx
	exits 64 "unknown option -x; --help lists the options"
}

@test "the beginning of an option is not the option" {
	spctl history list --new
	exits 64 "unknown option --new; did you mean --newest?"
	spctl history recording 1 --o FILE
	exits 64 "unknown option --o; --help lists the options"
}

@test "missing values, arguments and options" {
	spctl station add desk --did
	exits 64 "--did needs a value: NUMBER"
	spctl history recording 1 -o
	exits 64 "-o needs a value: FILE"
	spctl station add
	exits 64 "station add needs NAME"
	spctl station add desk --did 1
	exits 64 "station add needs --sip-uri URI"
	spctl history recording 1
	exits 64 "history recording needs -o FILE"
	spctl login agent
	exits 64 "login needs STATION"
	spctl tenant set
	exits 64 "tenant set: nothing to change is named; see spctl tenant set --help"
	spctl customer show
	exits 64 "customer show takes exactly one of its argument and options; see spctl customer show --help"
	spctl customer show 1 --phone 2
	exits 64 "customer show takes exactly one of its argument and options; see spctl customer show --help"
}

@test "too much" {
	spctl station rm a b
	exits 64 "station rm: b is one word too many"
	spctl station add a --did 1 --did 2
	exits 64 "--did is given twice"
	spctl station list --no-header=yes
	exits 64 "--no-header takes no value"
	spctl station list --json --csv
	same 64 "$status"
	same "spctl: --json and --csv exclude each other" "$errors"
}

@test "an option that this command does not take is never ignored" {
	spctl call dial 1 --dry-run
	exits 64 "call dial takes no --dry-run"
	spctl station list --as agent
	exits 64 "station list takes no --as"
	spctl station show a --limit 3
	exits 64 "station show takes no --limit and no --after"
}

@test "values that cannot be right are bad data" {
	spctl customer show twelve
	exits 65 "ID: twelve is not a whole number"
	spctl tenant set --acw-seconds 99999999999999999999
	exits 65 "--acw-seconds: 99999999999999999999 is not a whole number"
	spctl tenant set --record maybe
	exits 65 "--record: maybe is none of on|off"
	spctl call dial 1 --wait ans
	exits 65 "--wait: ans is none of answer|end"
	spctl station list --limit -1
	exits 65 "--limit: -1 is not a whole number from 0 on"
	spctl dispo save sale --notes $'\xff'
	exits 65 "--notes: the value is not valid UTF-8"
	spctl station show $'a\xc3'
	exits 65 "NAME: the value is not valid UTF-8"
}

@test "a mistake is told as JSON as well where --json is given, wherever it stands" {
	spctl station lst --json
	same 64 "$status"
	same "usage" "$(json 'd["error"]["code"]')"
	same "station has no lst; did you mean station list?" "$(json 'd["error"]["message"]')"
	same "spctl: station has no lst; did you mean station list?" "$errors"
}

@test "no engine answers" {
	spctl station list --no-start
	same 69 "$status"
	[[ $errors == "spctl: no engine answers at "* ]]
	spctl --socket "$DIR/none" station list
	same 69 "$status"
	[[ $errors == "spctl: no engine answers at $DIR/none: "* ]]
	spctl engine status
	same 69 "$status"
}

@test "help and version need no engine" {
	spctl --version
	same 0 "$status"
	[[ $out =~ ^spctl\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	for words in help --help -h "help call" "call --help" "help call dial" "help call record pause" "call record --help" "call dial --help" "call dial 1 -h" "login --help"; do
		# shellcheck disable=SC2086
		spctl $words
		same 0 "$status"
		same "" "$errors"
		[[ $out == usage:* ]]
	done
	spctl help zebra
	exits 64 "there is no command zebra; see spctl help"
	spctl help call zebra
	exits 64 "call has no zebra; see spctl help call"
}

@test "help stays within 80 columns" {
	"$SPCTL" help --commands | awk -F'\t' '$1 == "command" { print $2, $3 == "-" ? "" : $3 }' > "$DIR/commands"
	[ "$(wc -l < "$DIR/commands")" -gt 50 ]
	while read -r words; do
		# shellcheck disable=SC2086
		"$SPCTL" $words --help
	done < "$DIR/commands" > "$DIR/help"
	"$SPCTL" help >> "$DIR/help"
	same "" "$(grep -nE '^.{81,}$' "$DIR/help")"
}
