#!/usr/bin/env bats
# What spctl prints: tables, lines, JSON, NDJSON, CSV; lists page by page; and what it asks for.
# shellcheck disable=SC2154  # out, errors and status are set by helper.bash

load helper

STATIONS='{"station.list": [{"result": {"next": null, "items": [
	{"id": 1, "name": "desk1", "did": "+14155550100", "sip_uri": "sip:a@pbx", "transport": "udp", "media_enc": "none",
	 "register": true, "location": "Zürich", "team": null, "in_use_by": "ann"},
	{"id": 2, "name": "机2", "did": "+14155550101", "sip_uri": "sip:b@pbx", "transport": "tls", "media_enc": "sdes",
	 "register": false, "location": "a \"quoted\", text", "team": "x\ny", "in_use_by": null}]}}]}'

CUSTOMER='{"id": 7, "name": "Jo\u001b[31m\u009bK\u007f", "phones": ["+14155550100", "+14155550101"], "do_not_call": false,
	"sol_date": null, "wrap_up": {"remaining": 3}, "recordings": [{"path": "/a", "ended_at": null}], "mos": 4.1}'

@test "a table lines up by the width of its characters" {
	engine "$STATIONS"
	spctl station list
	same 0 "$status"
	same "name   did           sip_uri    transport  media_enc  in_use_by
desk1  +14155550100  sip:a@pbx  udp        none       ann
机2    +14155550101  sip:b@pbx  tls        sdes       -" "$out"
	spctl station list --no-header
	same "desk1  +14155550100  sip:a@pbx  udp  none  ann
机2    +14155550101  sip:b@pbx  tls  sdes  -" "$out"
}

@test "a list as JSON, NDJSON and CSV" {
	engine "$STATIONS"
	spctl station list --json
	same "2 desk1 机2 True" "$(json 'len(d), d[0]["name"], d[1]["name"], d[0]["register"]' | tr -d "(',)")"
	spctl station list --ndjson
	same 2 "$(wc -l < "$DIR/out")"
	same '{"id":1,"name":"desk1",' "$(head -c 23 "$DIR/out")"
	spctl station list --csv
	/usr/bin/python3 - "$DIR/out" <<-'PYTHON'
		import csv, sys
		with open(sys.argv[1], newline="", encoding="utf-8") as file:
		    text = file.read()
		rows = list(csv.DictReader(text.splitlines(keepends=True)))
		assert text.count("\r\n") == 3, text
		assert [row["name"] for row in rows] == ["desk1", "机2"], rows
		assert rows[0]["register"] == "true" and rows[0]["in_use_by"] == "ann" and rows[0]["team"] == "", rows[0]
		assert rows[1]["location"] == 'a "quoted", text' and rows[1]["team"] == "x\ny", rows[1]
		assert list(rows[0])[0] == "name"
	PYTHON
	spctl station list --csv --no-header
	same desk1 "$(head -n 1 "$DIR/out" | cut -d, -f1)"
}

@test "an empty list is a list" {
	engine '{"station.list": [{"result": {"items": [], "next": null}}]}'
	spctl station list --json
	same "[]" "$out"
	spctl station list --ndjson
	same "" "$out"
	spctl station list --csv
	[[ $out == name,id,did,* ]]
	spctl station list
	same "name  did  sip_uri  transport  media_enc  in_use_by" "$out"
}

@test "one object: no control character reaches the terminal, in any format" {
	engine "{\"customer.show\": [{\"result\": $CUSTOMER}], \"tenant.show\": [{\"result\": {}}],
		\"history.list\": [{\"result\": {\"items\": [], \"next\": null}}]}"
	spctl customer show 7
	same "id:                7
name:              Jo�[31m�K�
phones:            +14155550100, +14155550101
do_not_call:       no
sol_date:          -
wrap_up.remaining: 3
mos:               4.1

recordings:
path  ended_at
/a    -" "$out"
	for format in --json --ndjson --csv; do
		spctl customer show 7 "$format"
		same 0 "$(LC_ALL=C grep -cP '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]' "$DIR/out")"
	done
	spctl customer show 7 --json
	same "$(printf 'Jo\x1b[31m\xc2\x9bK\x7f')" "$(json 'd["name"]')"
	same '{"id": 7}' "$(asked customer.show)"
	spctl customer show --phone 0101
	same '{"phone": "0101"}' "$(asked customer.show)"
}

@test "a customer is shown with the cap that holds for him and the last calls" {
	local call='{"id": 9, "direction": "outbound", "number": "+14155550100", "user": "ann", "cause": "busy", "talk_seconds": 0,
		"started_at": "2026-11-21T01:02:03.004Z", "disposition": "callback", "notes": "no"}'
	engine "{\"customer.show\": [{\"result\": {\"id\": 7, \"max_calls_per_week\": null, \"calls_this_week\": 2, \"name\": \"Bob\"}},
			{\"result\": {\"id\": 7, \"max_calls_per_week\": 0, \"calls_this_week\": 2}}],
		\"tenant.show\": [{\"result\": {\"max_calls_per_week\": 7}}],
		\"history.list\": [{\"result\": {\"items\": [$call], \"next\": 9}}]}"
	TZ=UTC spctl customer show --external-id x --tenant acme
	same 0 "$status"
	same "id:                 7
max_calls_per_week: -
calls_this_week:    2
weekly_cap:         7
name:               Bob

last_calls:
id  started_at           direction  number        user  cause  talk_seconds  disposition
9   2026-11-21 01:02:03  outbound   +14155550100  ann   busy   0             callback" "$out"
	same '{"external_id": "x", "tenant": "acme"}' "$(asked customer.show)"
	same '{"tenant": "acme"}' "$(asked tenant.show)"
	same '{"customer_id": 7, "limit": 5, "newest": true, "tenant": "acme"}' "$(asked history.list)"
	spctl customer show 7 --json
	same "0 2 9 busy no" "$(json 'd["weekly_cap"], d["calls_this_week"], *(d["last_calls"][0][k] for k in ("id", "cause", "notes"))' |
		tr -d "(',)")"
	spctl customer show 7 --csv
	[[ $out == *,calls_this_week,created_at,updated_at,weekly_cap,last_calls* ]]
}

@test "a list goes on page by page as far as is asked" {
	page() {
		/usr/bin/python3 -c 'import json, sys; first, last, next = map(int, sys.argv[1:])
print(json.dumps({"result": {"items": [{"id": i, "code": "c%d" % i} for i in range(first, last + 1)], "next": next or None}}))' "$@"
	}
	engine "{\"dispo.list\": [$(page 1 100 100), $(page 101 200 200), $(page 201 250 0)]}"
	spctl dispo list --limit 0 --csv --no-header
	same 250 "$(wc -l < "$DIR/out")"
	same 'dispo.list {"limit": 100}
dispo.list {"after": 100, "limit": 100}
dispo.list {"after": 200, "limit": 100}' "$(grep dispo "$DIR/log")"
}

@test "a list ends at its limit, and begins after an id" {
	engine '{"dispo.list": [{"result": {"items": [{"code": "a"}, {"code": "b"}], "next": 5}},
		{"result": {"items": [{"code": "c"}], "next": 6}}, {"result": {"items": [{"code": "d"}], "next": null}}]}'
	spctl --limit 3 dispo --after 2 list --ndjson
	same '{"code":"a"}
{"code":"b"}
{"code":"c"}' "$out"
	same 'dispo.list {"after": 2, "limit": 3}
dispo.list {"after": 5, "limit": 1}' "$(grep dispo "$DIR/log")"
	spctl dispo list -q
	same '{"limit": 100}' "$(asked dispo.list)"
}

@test "an error in the middle of a list" {
	engine '{"dispo.list": [{"result": {"items": [{"code": "a"}], "next": 5}},
		{"error": {"code": "try_again", "message": "the database is busy"}}]}'
	spctl dispo list --limit 0 --ndjson
	same 75 "$status"
	same '{"code":"a"}' "$out"
	same "spctl: the database is busy" "$errors"
}

@test "what was done is said in a sentence, and as the object where a format is asked for" {
	engine '{"station.add": [{"result": {"id": 1, "name": "desk1"}}], "station.rm": [{"result": {"removed": "desk1"}}]}'
	spctl station add desk1 --did 1 --sip-uri sip:a@b
	same "station desk1 added" "$out"
	spctl station add desk1 --did 1 --sip-uri sip:a@b --dry-run
	same "station desk1 added (dry run: nothing is changed)" "$out"
	same '{"did": "1", "dry_run": true, "name": "desk1", "sip_uri": "sip:a@b"}' "$(asked station.add)"
	spctl station add desk1 --did 1 --sip-uri sip:a@b --quiet
	same "" "$out"
	spctl station add desk1 --did 1 --sip-uri sip:a@b -q --json
	same 1 "$(json 'd["id"]')"
	spctl station rm desk1
	same "station desk1 removed" "$out"
}

@test "options become parameters of their type" {
	engine '{"station.set": [{"result": {"name": "d"}}], "customer.add": [{"result": {"id": 1, "name": "x"}}],
		"tenant.set": [{"result": {"name": "t"}}], "call.dial": [{"result": {"id": 1, "number": "+1", "state": "dialing"}}],
		"history.list": [{"result": {"items": [], "next": null}}], "call.reject": [{"result": {"id": 3, "state": "ended"}}]}'
	spctl station set d --no-register --tenant acme
	same '{"name": "d", "register": false, "tenant": "acme"}' "$(asked station.set)"
	spctl station set d --register --team= --tls-ca ca.pem
	same "{\"name\": \"d\", \"register\": true, \"team\": \"\", \"tls_ca\": \"$(pwd -P)/ca.pem\"}" "$(asked station.set)"
	spctl station set d --tls-ca -
	exits 65 "-: the engine opens this file by itself: name it"
	spctl customer add --phone 1 --name x --phone 2 --do-not-call on --bankruptcy-filed off --max-calls-per-week 3
	same '{"bankruptcy_filed": false, "do_not_call": true, "max_calls_per_week": 3, "name": "x", "phones": ["1", "2"]}' \
		"$(asked customer.add)"
	spctl tenant set --acw-seconds 45 --hours 09:00-20:00
	same '{"acw_seconds": 45, "hours": "09:00-20:00"}' "$(asked tenant.set)"
	spctl call dial "(415) 555-0100" --acknowledge a,b --as ann --acknowledge c --no-record --play x.wav --hangup-after 5
	same "{\"acknowledge\": [\"a\", \"b\", \"c\"], \"as\": \"ann\", \"hangup_after\": 5, \"number\": \"(415) 555-0100\", \
\"play\": \"$(pwd -P)/x.wav\", \"record\": false}" "$(asked call.dial)"
	spctl history list --newest --owed --customer 3 --since 2026-11-01
	same '{"customer_id": 3, "limit": 100, "newest": true, "owed": true, "since": "2026-11-01"}' "$(asked history.list)"
	spctl call reject 486 3
	same '{"call": 3, "code": 486}' "$(asked call.reject)"
	spctl call reject
	same '{}' "$(asked call.reject)"
}

@test "passwords come from a file or from standard input, less one newline" {
	engine '{"station.set": [{"result": {"name": "d"}}], "user.set": [{"result": {"login": "u"}}],
		"session.login": [{"result": {"user": "u", "station": "d", "state": "ready"}}]}'
	printf 'se cret\n\n' > "$DIR/password"
	spctl station set d --password-file "$DIR/password"
	same '{"name": "d", "password": "se cret\n"}' "$(asked station.set)"
	printf 'über' > "$DIR/password"
	INPUT=$DIR/password spctl user set u --password-file -
	same '{"login": "u", "password": "über"}' "$(asked user.set)"
	printf 'x\r\n' > "$DIR/password"
	spctl login u d --password-file "$DIR/password" --take-over
	same '{"password": "x", "station": "d", "take_over": true, "user": "u"}' "$(asked session.login)"
	same "u is logged in at d and ready" "$out"
	spctl login u d --password-file /dev/null
	exits 65 "the password from /dev/null is empty"
	spctl user set u --password-file /dev/null
	same '{"login": "u", "password": ""}' "$(asked user.set)"
	spctl user set u --password-file "$DIR/none"
	exits 65 "cannot read the password file $DIR/none: No such file or directory"
	printf 'a\0b' > "$DIR/password"
	spctl user set u --password-file "$DIR/password"
	exits 65 "the password from $DIR/password has a NUL byte"
	head -c 5000 /dev/zero | tr '\0' x > "$DIR/password"
	spctl user set u --password-file "$DIR/password"
	exits 65 "cannot read a password from $DIR/password: it is too long"
}

@test "a password is asked for at a terminal without echo" {
	engine '{"user.add": [{"result": {"login": "u"}}],
		"hello": [{"result": {"version": 1, "engine": "0.1.0", "private": false, "user": null, "role": null}}],
		"session.login": [{"result": {"user": "u", "station": "d", "state": "ready"}}]}'
	/usr/bin/python3 "$BATS_TEST_DIRNAME/at_terminal.py" "Password of u: " secret "Again the password of u: " secret -- \
		"$SPCTL" user add u --password-file - > "$DIR/screen"
	same '{"login": "u", "password": "secret"}' "$(asked user.add)"
	same 0 "$(grep -c secret "$DIR/screen")"
	grep -q "user u added" "$DIR/screen"
	/usr/bin/python3 "$BATS_TEST_DIRNAME/at_terminal.py" "Password of u: " secret -- "$SPCTL" login u d > "$DIR/screen"
	same '{"password": "secret", "station": "d", "user": "u"}' "$(asked session.login)"
	same 0 "$(grep -c secret "$DIR/screen")"
	grep -q "u is logged in at d and ready" "$DIR/screen"
	spctl login u d
	same '{"station": "d", "user": "u"}' "$(asked session.login)"
	run /usr/bin/python3 "$BATS_TEST_DIRNAME/at_terminal.py" "Password of u: " one "Again the password of u: " two -- \
		"$SPCTL" user add u --password-file -
	same 65 "$status"
	[[ $output == *"spctl: the two passwords differ"* ]]
}

@test "an interrupt at the prompt gives the terminal its echo back" {
	engine '{}'
	run /usr/bin/python3 "$BATS_TEST_DIRNAME/at_terminal.py" "Password of u: " "^C" -- "$SPCTL" user add u --password-file -
	same 130 "$status"
	[[ $output != *"echo is left off"* ]]
	same "" "$(asked user.add)"
}

@test "who is known needs no password to log in" {
	engine '{"hello": [{"result": {"version": 1, "engine": "0.1.0", "private": false, "user": "u", "role": "agent"}},
			{"result": {"version": 1, "engine": "0.1.0", "private": false, "user": "boss", "role": "admin"}}],
		"session.login": [{"result": {"user": "u", "station": "d", "state": "ready"}}]}'
	for _ in 1 2; do
		/usr/bin/python3 "$BATS_TEST_DIRNAME/at_terminal.py" -- "$SPCTL" login u d
		same '{"station": "d", "user": "u"}' "$(asked session.login)"
	done
}

@test "colour only on a terminal, and never with NO_COLOR" {
	engine "$STATIONS"
	export TERM=xterm
	at_terminal() { /usr/bin/python3 "$BATS_TEST_DIRNAME/at_terminal.py" -- "$@"; }
	at_terminal "$SPCTL" station list | grep -qF $'\e[1m'
	same 0 "$(NO_COLOR=1 at_terminal "$SPCTL" station list | grep -cF $'\e')"
	same 0 "$(TERM=dumb at_terminal "$SPCTL" station list | grep -cF $'\e')"
	same 0 "$(at_terminal "$SPCTL" station list --csv | grep -cF $'\e')"
	same 0 "$("$SPCTL" station list | grep -cF $'\e')"
}

@test "a table is cut to the terminal's width, and through a pipe it is whole" {
	engine '{"audit.list": [{"result": {"next": null, "items": [{"id": 1204, "at": "2026-11-21T01:02:03.004Z", "event": "blocked",
		"severity": "hard", "reason_code": "attorney_represented", "forced": false, "user": "ann", "actor": "ann (uid 1000)",
		"customer_id": 17, "number": "+14155550101", "call_id": null}]}}],
		"customer.list": [{"result": {"next": null, "items": [{"id": 1, "name": "机器人机器人机器人机器人机器人机器人 Ray",
		"phones": ["+14155550100", "+14155550101"], "state": "CA", "do_not_call": true, "cease_and_desist": false,
		"attorney_represented": false, "bankruptcy_filed": false}]}}]}'
	at_width() { TERM=dumb TZ=UTC COLUMNS=$1 /usr/bin/python3 "$BATS_TEST_DIRNAME/at_terminal.py" -- "$SPCTL" "${@:2}" | tr -d '\r'; }
	same "id    at                   event    reason_code           user  number
1204  2026-11-21 01:02:03  blocked  attorney_represented  ann   +14155550101" "$(at_width 80 audit list)"
	same "id    at                   event    severity  reason_code           forced  user  actor           customer_id  \
number        call_id
1204  2026-11-21 01:02:03  blocked  hard      attorney_represented  no      ann   ann (uid 1000)  17           \
+14155550101  -" "$(TZ=UTC "$SPCTL" audit list)"
	same "id  name                 phones                state  do_n…  ceas…  atto…  bank…
1   机器人机器人机器人…  +14155550100, +1415…  CA     yes    no     no     no" "$(at_width 80 customer list)"
	same "$(at_width 200 customer list)" "$("$SPCTL" customer list)"
}

@test "times are in the user's zone for people, and in UTC for programs" {
	engine '{"user.show": [{"result": {"login": "ann", "created_at": "2026-11-21T01:02:03.004Z", "name": "2026-11-21"}}],
		"session.list": [{"result": {"next": null, "items": [{"user": "ann", "since": "2026-07-01T01:02:03.004Z"}]}}]}'
	TZ=America/New_York spctl user show ann
	same "login:      ann
created_at: 2026-11-20 20:02:03-05:00
name:       2026-11-21" "$out"
	TZ=America/New_York spctl session list --no-header
	[[ $out == *"  2026-06-30 21:02:03  "* ]]
	for format in --json --ndjson --csv; do
		TZ=America/New_York spctl user show ann "$format"
		[[ $out == *2026-11-21T01:02:03.004Z* ]]
	done
}

@test "standard input, output and error may be closed" {
	engine "$STATIONS"
	status=0
	"$SPCTL" station list --json >&- 2> "$DIR/errors" || status=$?
	same 1 "$status"
	same "spctl: cannot write to standard output: Bad file descriptor" "$(cat "$DIR/errors")"
	"$SPCTL" station list --ndjson <&- 2>&- > "$DIR/out"
	same 2 "$(wc -l < "$DIR/out")"
	status=0
	"$SPCTL" user add u --password-file - <&- 2> "$DIR/errors" || status=$?
	same 65 "$status"
	same "spctl: cannot read a password from standard input: Bad file descriptor" "$(cat "$DIR/errors")"
	status=0
	"$SPCTL" station lst >&- 2>&- || status=$?
	same 64 "$status"
}

@test "a reader who leaves ends the list without a word; a full disk is told" {
	engine "$(/usr/bin/python3 -c 'import json
print(json.dumps({"customer.list": [{"result": {"items": [{"id": 1, "name": "x" * 200}] * 100, "next": 1}}]}))')"
	run bash -c '"$1" customer list --limit 0 2> "$2" | head -n 1 > /dev/null; echo "${PIPESTATUS[0]}"; cat "$2"' - "$SPCTL" "$DIR/errors"
	same 1 "$output"
	status=0
	"$SPCTL" customer list > /dev/full 2> "$DIR/errors" || status=$?
	same 1 "$status"
	same "spctl: cannot write to standard output: No space left on device" "$(cat "$DIR/errors")"
}

# The pieces of a recording as the engine answers them: parts, then the texts; the digest is that of all unless $DIGEST is set.
pieces() {
	/usr/bin/python3 - "${DIGEST:-}" "$@" <<- 'END'
		import base64, hashlib, json, sys
		wanted, parts, texts = sys.argv[1], int(sys.argv[2]), [t.encode() for t in sys.argv[3:]]
		whole, at, answers = b"".join(texts), 0, []
		for text in texts:
		    at += len(text)
		    answers.append({"result": {"call_id": 5, "part": 1, "parts": parts, "size": len(whole),
		        "sha256": wanted or hashlib.sha256(whole).hexdigest(), "data": base64.b64encode(text).decode(),
		        "next": at if at < len(whole) else None}})
		print(json.dumps({"history.recording": answers}))
	END
}

@test "a recording is copied piece by piece to a file" {
	engine "$(pieces 1 fLaC-one two three)"
	spctl history recording 5 -o "$DIR/copy"
	same 0 "$status"
	same "" "$out$errors"
	same fLaC-onetwothree "$(cat "$DIR/copy")"
	same 600 "$(stat -c %a "$DIR/copy")"
	same '{"call": 5}
{"call": 5, "offset": 8}
{"call": 5, "offset": 11}' "$(sed -n 's/^history.recording //p' "$DIR/log")"
	same 1 "$(find "$DIR" -name 'copy*' | wc -l)"
}

@test "a recording is written to standard output, but not to a terminal; other parts are told of" {
	engine "$(pieces 3 sound)"
	spctl history recording 5 -o -
	same 0 "$status"
	same sound "$out"
	same "this is the first of 3 parts; --part N copies another, --all joins them" "$errors"
	spctl history recording 5 -o - -q
	same "" "$errors"
	spctl history recording 5 -o - --part 2
	same "" "$errors"
	same '{"call": 5, "part": 2}' "$(asked history.recording)"
	run /usr/bin/python3 "$BATS_TEST_DIRNAME/at_terminal.py" -- "$SPCTL" history recording 5 -o -
	same 64 "$status"
}

@test "a recording replaces a file only with --force, and never what is no file" {
	engine "$(pieces 1 sound)"
	echo mine > "$DIR/copy"
	spctl history recording 5 -o "$DIR/copy"
	exits 65 "$DIR/copy exists already; --force replaces it"
	same mine "$(cat "$DIR/copy")"
	same "" "$(asked history.recording)"
	spctl history recording 5 -o "$DIR/copy" --force
	same 0 "$status"
	same sound "$(cat "$DIR/copy")"
	same 600 "$(stat -c %a "$DIR/copy")"
	spctl history recording 5 -o "$DIR" --force
	exits 73 "$DIR is not a file; -o - writes to standard output"
	spctl history recording 5 -o "$DIR/none/copy"
	exits 73 "cannot create $DIR/none/copy: No such file or directory"
}

@test "a recording that is not what was recorded, or breaks off, leaves no file" {
	engine "$(DIGEST=$(printf '%064d' 7) pieces 1 one two)"
	spctl history recording 5 -o "$DIR/copy"
	exits 65 "the recording is not what was recorded: its SHA-256 is $(printf onetwo | sha256sum | cut -d' ' -f1), not $(printf '%064d' 7)"
	[ ! -e "$DIR/copy" ]
	[ -z "$(find "$DIR" -name 'copy*')" ]
}

@test "pieces of a recording that do not fit are refused" {
	engine '{"history.recording": [
		{"result": {"parts": 1, "size": 9, "sha256": null, "data": "b25l", "next": null}},
		{"result": {"parts": 1, "size": 9, "sha256": null, "data": "no base64", "next": null}},
		{"result": {"parts": 1, "size": 9, "sha256": null, "data": "", "next": 0}},
		{"result": {"parts": 1, "size": 9, "sha256": null, "data": "b25l", "next": 3}},
		{"error": {"code": "failed", "message": "gone"}}]}'
	spctl history recording 5 -o "$DIR/copy"
	exits 1 "3 bytes of the recording's 9 came"
	spctl history recording 5 -o "$DIR/copy"
	exits 1 "the engine sent a piece of the recording that is not base64"
	spctl history recording 5 -o "$DIR/copy"
	exits 1 "0 bytes of the recording's 9 came"
	spctl history recording 5 -o "$DIR/copy"
	exits 1 "gone"
	[ -z "$(find "$DIR" -name 'copy*')" ]
}

# Ends a copy with a signal while it waits for the second of two pieces, and tells with which status it ended.
cut_off() {
	/usr/bin/python3 - "$DIR/log" "$@" <<- 'END'
		import signal, subprocess, sys, time
		log, name, *command = sys.argv[1:]
		with open(log) as file:
		    before = file.read().count("history.recording")
		child = subprocess.Popen(command)
		deadline = time.monotonic() + 15
		while open(log).read().count("history.recording") < before + 2 and time.monotonic() < deadline:
		    time.sleep(0.01)
		child.send_signal(getattr(signal, name))
		print(signal.Signals(-child.wait(15)).name)
	END
}

@test "whoever ends a copy by a signal finds nothing of it left" {
	local piece='{"result": {"call_id": 5, "part": 1, "parts": 2, "size": 3, "sha256": null, "data": "b25l", "next": null}}'
	mkdir "$DIR/tmp" "$DIR/out.d"
	for signal in SIGINT SIGTERM SIGHUP SIGQUIT; do
		engine "{\"history.recording\": [$piece, {}]}"
		same "$signal" "$(ulimit -c 0; TMPDIR=$DIR/tmp cut_off "$signal" "$SPCTL" history recording 5 --all -o "$DIR/out.d/copy")"
		same "" "$(find "$DIR/tmp" "$DIR/out.d" -mindepth 1)"
		kill "$ENGINE_PID"
		rm "$SOCKET"
	done
	engine "{\"history.recording\": [${piece//null\}/3\}}, {}]}"
	same SIGINT "$(cut_off SIGINT "$SPCTL" history recording 5 -o "$DIR/out.d/copy")"
	same "" "$(find "$DIR/out.d" -mindepth 1)"
}

@test "parts that do not fit, or cannot be joined, leave nothing either" {
	mkdir "$DIR/tmp"
	engine "$(pieces 1 "$(printf '%5000s' x)")"
	status=0
	(ulimit -f 2; TMPDIR=$DIR/tmp exec "$SPCTL" history recording 5 --all -o "$DIR/copy" 2> "$DIR/errors") || status=$?
	same 1 "$status"
	[[ $(cat "$DIR/errors") == "spctl: cannot write $DIR/tmp/spctl-parts-"*": File too large" ]]
	TMPDIR=$DIR/tmp spctl history recording 5 --all -o "$DIR/copy"
	same 1 "$status"
	[[ $errors == *"spctl: the parts of the recording cannot be joined" ]]
	TMPDIR=$DIR/none spctl history recording 5 --all -o "$DIR/copy"
	same 73 "$status"
	same "" "$(find "$DIR/tmp" -mindepth 1)"
	[ -z "$(find "$DIR" -name 'copy*')" ]
}

@test "an optional number goes back to its default" {
	engine '{"customer.set": [{"result": {"id": 7, "name": "Ann"}}]}'
	spctl customer set 7 --max-calls-per-week default --reason x
	same '{"id": 7, "max_calls_per_week": null, "reason": "x"}' "$(asked customer.set)"
	spctl customer set 7 --max-calls-per-week '' --reason x
	same '{"id": 7, "max_calls_per_week": null, "reason": "x"}' "$(asked customer.set)"
	spctl customer set 7 --max-calls-per-week none --reason x
	exits 65 "--max-calls-per-week: none is not a whole number"
	spctl tenant set --max-calls-per-week default
	exits 65 "--max-calls-per-week: default is not a whole number"
}

@test "events, one or all until the engine is gone" {
	engine '{"events.subscribe": [{"result": {}, "after": [["notice", {"level": "info", "text": "a"}],
		["notice", {"level": "info", "text": "b"}]], "close": true}]}'
	spctl events --json
	same 0 "$status"
	same '{"event":"notice","at":"2026-11-21T01:02:03.004Z","data":{"level":"info","text":"a"}}' "$out"
	spctl events --follow --ndjson
	same 69 "$status"
	same 2 "$(wc -l < "$DIR/out")"
	same "spctl: the engine at $SOCKET closed the connection" "$errors"
}

@test "call watch shows what is up, then each change" {
	engine '{"events.subscribe": [{"result": {}}], "call.list": [{"result": {"items": [{"id": 1, "state": "active"}], "next": null},
		"after": [["session.changed", {}], ["call.changed", {"id": 1, "state": "ended"}]], "close": true}]}'
	spctl call watch --ndjson
	same 69 "$status"
	same '{"id":1,"state":"active"}
{"id":1,"state":"ended"}' "$out"
}

@test "the engine is stopped when its connection ends" {
	engine '{"engine.stop": [{"result": {}, "after": [["engine.stopping", {}]], "close": true}]}'
	spctl engine stop
	same 0 "$status"
	same "the engine has stopped" "$out"
}

@test "an engine that is gone before it answers has stopped as well; one that refuses has not" {
	engine '{"engine.stop": [{"close": true}, {"error": {"code": "not_permitted", "message": "only an admin stops the engine"}}]}'
	spctl engine stop
	same 0 "$status"
	same "the engine has stopped" "$out"
	spctl engine stop
	exits 77 "only an admin stops the engine"
}
