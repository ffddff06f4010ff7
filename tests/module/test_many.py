#!/usr/bin/python3
"""CALLS (60) calls in a row of every kind, then LINES (16) lines with a call each at once, 8 to a phone: all are heard, and
afterwards no call, slot, file, thread or process is left, and memory is what it was.  CALLS=500 LINES=40 is the full length."""
import os
import time

from rig import LIB, Phone, Sound, comes_about, is_sanitized, is_tone, loopback
from peer import Peer
import tap

CALLS = int(os.environ.get('CALLS', 60))
LINES = int(os.environ.get('LINES', 16))
PER_PHONE = 8
CAN_MEASURE = not is_sanitized(os.path.join(LIB, 'spctl.so'))


def state(phone):
	"""(memory in kB, open files, threads, child processes)"""
	pid = phone.process.pid
	with open(f'/proc/{pid}/task/{pid}/children') as file:
		children = len(file.read().split())
	return phone.rss_kb(), len(os.listdir(f'/proc/{pid}/fd')), len(os.listdir(f'/proc/{pid}/task')), children


def settled(phone, files, rest=None):
	"""The state when the last transactions, sound sockets and threads are gone; if they do not go, the check tells it."""
	comes_about(lambda: state(phone)[1] <= files and rest in (None, state(phone)[2:]), timeout=10)
	return state(phone)


def nothing_left(what, phone, before):
	memory, files, threads, children = settled(phone, before[1], before[2:])
	tap.equal(f'{what}: no call is left', phone.do('list')['calls'], [])
	tap.check(f'{what}: no file', files <= before[1], (files, before[1]))
	tap.equal(f'{what}: no thread, no process', (threads, children), before[2:])
	if CAN_MEASURE:
		tap.check(f'{what}: memory is what it was', memory - before[0] < 700, f'{before[0]} kB, then {memory} kB')
	else:
		tap.skip(f'{what}: memory is what it was', 'the sanitizer keeps what is freed')
	tap.note(f'{what}: {before} before, {(memory, files, threads, children)} after')


# ---- one after the other ----

def answered(phone, peer):
	call = phone.dial(peer.uri('answer-0'))
	return call['call'], peer.wait_dialog(call['sip'])


def hung_up(phone, peer):
	number, dialog = answered(phone, peer)
	phone.do('hangup', call=number)
	dialog.wait('ended')


def held_and_let_go(phone, peer):
	number, dialog = answered(phone, peer)
	phone.do('hold', call=number)
	dialog.wait_direction('sendonly', 'inactive')
	phone.do('resume', call=number)
	dialog.wait_direction('sendrecv')
	dialog.bye()
	phone.wait('closed', call=number)


def with_digits(phone, peer):
	number, dialog = answered(phone, peer)
	phone.do('dtmf', call=number, digits='1', how='info')
	phone.wait('digit_answer', call=number)
	phone.do('dtmf', call=number, digits='23')
	phone.do('hangup', call=number)


def refused(phone, peer):
	call = phone.do('dial', line='a', to=peer.uri('code-486'))
	phone.wait('closed', call=call['call'])


def taken_back(phone, peer):
	call = phone.do('dial', line='a', to=peer.uri('ring'))
	phone.wait('ringing', call=call['call'])
	phone.do('hangup', call=call['call'])


def called(phone, peer):
	before = phone.count('incoming')
	dialog = peer.call(phone)
	number = phone.wait('incoming', nth=before + 1)['call']
	if before % 3 == 0:
		phone.do('hangup', call=number, code=603)
		return
	phone.do('answer', call=number)
	phone.wait('up', call=number)
	dialog.wait('up')
	dialog.bye()
	phone.wait('closed', call=number)


def transferred(phone, peer):
	number, dialog = answered(phone, peer)
	phone.do('transfer', call=number, to=peer.other.uri('code-486'))
	phone.wait('transfer_failed', call=number)
	phone.do('transfer', call=number, to=peer.other.uri('answer-0'))
	phone.wait('closed', call=number)
	dialog.followed.wait('up')
	dialog.followed.bye()


KINDS = (hung_up, held_and_let_go, with_digits, refused, taken_back, called, transferred)


def tidy(phone, *peers):
	"""The test's own memory: what is over is forgotten."""
	for peer in peers:
		for dialog in list(peer.dialogs.values()):
			if dialog.state not in ('up', 'ringing', 'new', 'early'):
				dialog.rtp.close()
				del peer.dialogs[dialog.call_id]
		del peer.messages[:]
	keep = phone.matching('incoming')
	with phone.changed:
		phone.events[:] = [e for e in phone.events if e in keep]


def in_a_row():
	peer = Peer(loopback(), user='answer-0')
	peer.other = Peer(loopback())           # whom it is transferred to
	with Phone() as phone:
		Sound(phone.audio)
		phone.line()
		idle, before, slots, start = state(phone)[1], None, set(), time.time()
		for n in range(CALLS):
			KINDS[n % len(KINDS)](phone, peer)
			if n == CALLS // 2:
				before = settled(phone, idle)
				# libre keeps each transaction for 32 s (RFC 3261, timers D and J), some 6 kB a call: let them go first
				time.sleep(33 if CALLS > 100 else 0)
			if n % 20 == 19:
				tidy(phone, peer, peer.other)
		for _ in range(3):
			call = phone.dial(peer.uri('answer-0'))
			slots.add(call['slot'])
			phone.do('hangup', call=call['call'])
		tap.equal(f'{CALLS} calls: each has the first slot again', slots, {0})
		nothing_left(f'{CALLS} calls in a row', phone, before)
		tap.note(f'{(time.time() - start) / CALLS * 1000:.0f} ms a call')
		tap.equal('it ends with 0', phone.end(), 0)


# ---- at once ----

def all_up(phone, peer):
	"""A call on each line, with a tone of its own: [(the call, the far end's side)]"""
	calls = [phone.do('dial', line=f'l{n}', to=peer.uri(f'answer-0-{1000 + 90 * n}')) for n in range(PER_PHONE)]
	for call in calls:
		phone.wait('up', call=call['call'])
		phone.wait('heard', call=call['call'])
	return [(call, peer.wait_dialog(call['sip'])) for call in calls]


def both_hear(sound, call, dialog, start, end):
	return (is_tone(sound.heard[call['slot']].since(start, end), dialog.freq) and
		is_tone(dialog.heard.since(start, end), sound.TONES[call['slot']]))


def at_once():
	phones = [Phone() for _ in range((LINES + PER_PHONE - 1) // PER_PHONE)]
	peers = [Peer(loopback()) for _ in phones]
	sounds = [Sound(phone.audio) for phone in phones]
	for phone in phones:
		for n in range(PER_PHONE):
			phone.line(f'l{n}')
	idle, before = state(phones[0])[1], None
	for turn in range(2):
		together = [all_up(phone, peer) for phone, peer in zip(phones, peers)]
		lines = [(sound, *line) for sound, calls in zip(sounds, together) for line in calls]
		heard = [False] * len(lines)
		for _ in range(5):              # where the machine stood still for a moment there is a gap in some
			start = time.time() + 0.3
			time.sleep(1.2)         # of sound
			heard = [was or both_hear(*line, start, start + 0.8) for was, line in zip(heard, lines)]
			if all(heard):
				break
		tap.equal(f'{LINES} lines at once, turn {turn + 1}: each hears its own far end, and is heard', heard, [True] * len(heard))
		if turn == 0:
			tap.check('one call more is refused', 'most there can be' in phones[0].refused('dial', line='l0', to=peers[0].uri()))
			tap.note('with 8 calls: %d kB' % phones[0].rss_kb())
		for phone, calls in zip(phones, together):
			for call, _ in calls:
				phone.do('hangup', call=call['call'])
		before = before or settled(phones[0], idle)
	nothing_left(f'{LINES} lines at once', phones[0], before)
	for phone in phones:
		phone.stop()


@tap.main
def test():
	with tap.guard('in a row'):
		in_a_row()
	with tap.guard('at once'):
		at_once()
