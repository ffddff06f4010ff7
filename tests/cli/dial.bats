#!/usr/bin/env bats
# spctl call check and call dial: the gate in words, waiting, and the exit status of each end.
# shellcheck disable=SC2154  # out, errors and status are set by helper.bash

load helper

SOFT='{"decision": "needs_ack", "number": "+14155550100", "customer_id": 7, "ack_token": "t0ken", "reasons": [
	{"code": "outside_fdcpa_hours", "severity": "soft", "authority": "FDCPA §1692c(a)(1)", "message": "It is 21:43 there.", "customer_id": 7},
	{"code": "max_calls_per_week", "severity": "soft", "authority": "weekly cap", "message": "7 of 7 calls.", "customer_id": 7},
	{"code": "max_calls_per_week", "severity": "soft", "authority": "weekly cap", "message": "9 of 7 calls.", "customer_id": 8}]}'
HARD='{"decision": "blocked", "number": "+14155550100", "customer_id": 7, "reasons": [
	{"code": "cease_and_desist", "severity": "hard", "authority": "FDCPA §1692c(c)", "message": "Ann asked in writing.", "customer_id": 7}]}'
FREE='{"decision": "allowed", "number": "+14155550100", "customer_id": null, "reasons": []}'

SOFT_WORDS='  outside_fdcpa_hours (soft, FDCPA §1692c(a)(1))
    It is 21:43 there.
  max_calls_per_week (soft, weekly cap)
    7 of 7 calls.
  max_calls_per_week (soft, weekly cap)
    9 of 7 calls.
Who calls all the same, having weighed each reason, types:'
HARD_WORDS='  cease_and_desist (hard, FDCPA §1692c(c))
    Ann asked in writing.
Nobody can override a hard reason; where it is wrong, a supervisor corrects the customer.'

# A call in a state, and more of its fields.
call() {
	printf '{"id": 3, "number": "+14155550100", "state": "%s", "answered_at": null%s}' "$1" "${2:+, $2}"
}
ANSWERED='"answered_at": "2026-11-21T01:02:03.004Z"'

# The answers of an engine that dials; $1: the events after call.dial, $2: those after call.hangup.
dialling() {
	engine "{\"call.dial\": [{\"result\": $(call dialing), \"after\": [$1]}],
		\"call.hangup\": [{\"result\": $(call dialing), \"after\": [${2:-}]}]}"
}

changed() {
	printf '["call.changed", %s]' "$(call "$@" | sed 's/"answered_at": null, "answered_at"/"answered_at"/')"
}

@test "call check: the decision in words and as exit status" {
	engine "{\"call.check\": [{\"result\": $FREE}, {\"result\": $SOFT}, {\"result\": $HARD}]}"
	spctl call check 4155550100
	same 0 "$status"
	same "+14155550100: allowed" "$out"
	spctl call check 4155550100 --customer 7 --as ann
	same 11 "$status"
	same "+14155550100: needs acknowledgement
$SOFT_WORDS
  spctl call dial +14155550100 --customer 7 --as ann --acknowledge outside_fdcpa_hours,max_calls_per_week" "$out"
	same "" "$errors"
	same '{"as": "ann", "customer_id": 7, "number": "4155550100"}' "$(asked call.check)"
	spctl call check 4155550100
	same 10 "$status"
	same "+14155550100: blocked
$HARD_WORDS" "$out"
	spctl call check 4155550100 --json
	same 10 "$status"
	same blocked "$(json 'd["decision"]')"
}

@test "call dial refused by the gate: why, and what to type" {
	engine "{\"call.dial\": [{\"error\": {\"code\": \"needs_ack\", \"message\": \"the call needs an acknowledgement\", \"data\": $SOFT}},
		{\"error\": {\"code\": \"blocked\", \"message\": \"the call is blocked\", \"data\": $HARD}}]}"
	spctl call dial 4155550100 --wait end
	exits 11 "the call needs an acknowledgement
$SOFT_WORDS
  spctl call dial +14155550100 --wait end --acknowledge outside_fdcpa_hours,max_calls_per_week"
	spctl call dial 4155550100
	exits 10 "the call is blocked
$HARD_WORDS"
	spctl call dial 4155550100 --json
	same 10 "$status"
	same "blocked cease_and_desist" "$(json 'd["error"]["code"], d["error"]["data"]["reasons"][0]["code"]' | tr -d "(',)")"
	same False "$(json '"code" in d["error"]["data"]')"
}

@test "what the engine's sentence says already is not said again" {
	engine "{\"call.dial\": [{\"error\": {\"code\": \"blocked\",
		\"message\": \"+14155550100 is blocked: Ann asked in writing. (cease_and_desist)\", \"data\": $HARD}}]}"
	spctl call dial 4155550100
	exits 10 "+14155550100 is blocked: Ann asked in writing. (cease_and_desist)
$(printf '%s' "$HARD_WORDS" | grep -v Ann)"
}

@test "call dial without waiting" {
	dialling ""
	spctl call dial 4155550100 --ack t0ken
	same 0 "$status"
	same "call 3 to +14155550100: dialing" "$out"
	same '{"ack": "t0ken", "number": "4155550100"}' "$(asked call.dial)"
	same 0 "$(grep -c events.subscribe "$DIR/log")"
}

@test "call transfer tells what became of the call, and with --consult of the one to the third" {
	engine "{\"call.transfer\": [{\"result\": $(call dialing)}, {\"result\": $(call ended '"cause": "transferred", "transferred_to": "ben"')}]}"
	spctl call transfer 4155550100 --consult
	same "0 call 3 to +14155550100: dialing" "$status $out"
	spctl call transfer ben --attended
	same "0 call 3: transferred to ben" "$status $out"
}

@test "call dial --wait answer ends with the answer" {
	dialling "$(changed ringing), [\"call.changed\", {\"id\": 4, \"state\": \"ended\"}], [\"session.changed\", {}], \
$(changed active "$ANSWERED")"
	spctl call dial 4155550100 --wait answer
	same 0 "$status"
	same "call 3 to +14155550100: answered" "$out"
	same "" "$errors"
	spctl call dial 4155550100 --wait answer --json
	same active "$(json 'd["state"]')"
}

@test "call dial --wait end ends with the call" {
	dialling "$(changed active "$ANSWERED"), $(changed ended "$ANSWERED, \"talk_seconds\": 12, \"cause\": \"remote_hangup\"")"
	spctl call dial 4155550100 --wait end
	same 0 "$status"
	same "call 3 to +14155550100: answered, ended after 12 s: remote_hangup" "$out"
}

@test "a call that nobody answers is told with its cause, exit status 12" {
	for until in answer end; do
		[ -z "$ENGINE_PID" ] || { kill "$ENGINE_PID"; rm "$SOCKET"; }
		dialling "$(changed ended '"cause": "busy", "sip_code": 486, "sip_reason": "Busy\u001b[2J Here"')"
		spctl call dial 4155550100 --wait "$until"
		exits 12 "the call to +14155550100 was not answered: busy (486 Busy?[2J Here)"
	done
	spctl call dial 4155550100 --wait answer --json
	same 12 "$status"
	same "not_answered busy" "$(json 'd["error"]["code"], d["error"]["data"]["cause"]' | tr -d "(',)")"
}

@test "what the engine has to say of the call is told while it is waited for" {
	dialling '["notice", {"level": "warning", "text": "call 31 is not recorded"}],
		["notice", {"level": "warning", "text": "call 3: the far end takes no encrypted sound"}],
		'"$(changed ended '"cause": "failed", "sip_code": 488, "sip_reason": "Not Acceptable Here"')"
	spctl call dial 4155550100 --wait answer
	same 12 "$status"
	same "spctl: call 3: the far end takes no encrypted sound
spctl: the call to +14155550100 was not answered: failed (488 Not Acceptable Here)" "$errors"
}

@test "a call whose end came before the answer to call.dial" {
	engine "{\"call.dial\": [{\"result\": $(call dialing), \"before\": [$(changed ended '"cause": "no_response"')]}]}"
	spctl call dial 4155550100 --wait end
	exits 12 "the call to +14155550100 was not answered: no_response"
}

@test "an engine that goes away while a call is waited for" {
	engine "{\"call.dial\": [{\"result\": $(call dialing), \"close\": true}]}"
	spctl call dial 4155550100 --wait end
	exits 69 "the engine at $SOCKET closed the connection"
}

# Starts call dial --wait $1, interrupts it once the engine has dialled, and waits for its end.
interrupted_dial() {
	local pid
	"$SPCTL" call dial 4155550100 --wait "$1" > "$DIR/out" 2> "$DIR/errors" 3>&- &
	pid=$!
	timeout 60 tail -n +1 -F --pid="$pid" "$DIR/log" 2> /dev/null | grep -q -m 1 '^call.dial'
	kill -INT "$pid"
	status=0
	wait "$pid" || status=$?
	out=$(cat "$DIR/out")
	errors=$(cat "$DIR/errors")
}

@test "the first interrupt hangs the call up and tells its end" {
	set -m          # a background command of a script without job control ignores interrupts
	dialling "$(changed ringing)" "$(changed ended '"cause": "cancelled", "sip_code": 487')"
	interrupted_dial answer
	exits 12 "the call to +14155550100 was not answered: cancelled (487)"
	same '{"call": 3}' "$(asked call.hangup)"
}

@test "an interrupt during the talk hangs up, and the call was answered" {
	set -m
	dialling "$(changed active "$ANSWERED")" "$(changed ended "$ANSWERED, \"talk_seconds\": 1, \"cause\": \"agent_hangup\"")"
	interrupted_dial end
	same 0 "$status"
	same "call 3 to +14155550100: answered, ended after 1 s: agent_hangup" "$out"
}

@test "a call that cannot be hung up any more is waited for" {
	set -m
	engine "{\"call.dial\": [{\"result\": $(call dialing)}],
		\"call.hangup\": [{\"error\": {\"code\": \"conflict\", \"message\": \"call 3 has ended\"},
			\"after\": [$(changed ended '"cause": "busy"')]}]}"
	interrupted_dial end
	exits 12 "the call to +14155550100 was not answered: busy"
}
