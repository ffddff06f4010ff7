#!/usr/bin/python3
"""Random orders and random peers for SECONDS (5).  Afterwards the phone lives, no call is left on either side, and a new
call has sound both ways.  SEED repeats the same choices."""
import os
import random
import time

from rig import Phone, Sound, eventually, loopback
from peer import Peer
import tap

SECONDS = float(os.environ.get('SECONDS', 5))
SEED = int(os.environ.get('SEED', random.randrange(1 << 30)))
WAYS = ('answer-0', 'answer-50', 'early-80', 'ring', 'quiet', 'code-486', 'redirect-5062', 'answer-0', 'code-603')

SHOWN = ({}, {'from': 'sip:+14155550100@pbx'}, {'from': 'sip:+14155550100@pbx', 'identity': 'pai'})


class Storm:
	def __init__(self, phone, peers):
		self.phone, self.peers = phone, peers
		self.chance = random.Random(SEED)
		self.dialled = []
		self.done = {}

	def calls(self):
		gone = {e['call'] for e in self.phone.matching('closed')}
		return [c for c in self.dialled + [e['call'] for e in self.phone.matching('incoming')] if c not in gone]

	def some_call(self):
		calls = self.calls()
		return self.chance.choice(calls) if calls else 999999

	def some_dialog(self):
		up = [d for p in self.peers for d in list(p.dialogs.values()) if d.state == 'up']
		return self.chance.choice(up) if up else None

	def peer(self):
		return self.chance.choice(self.peers)

	# ---- what the engine may do ----

	def do_dial(self):
		answer = self.phone.ask('dial', line=self.chance.choice('ab'), to=self.peer().uri(self.chance.choice(WAYS)), **self.chance.choice(SHOWN))
		if answer['ok']:
			self.dialled.append(answer['call'])

	def do_dial_and_hang_up(self):
		known = [e['call'] for e in self.phone.events if 'call' in e] + self.dialled
		self.phone.send({'id': 900000, 'do': 'dial', 'line': 'a', 'to': self.peer().uri('answer-0')},
				{'id': 900001, 'do': 'hangup', 'call': max(known, default=0) + 1})
		answer = self.phone.answer(900000)
		if answer['ok']:
			self.dialled.append(answer['call'])
		self.phone.answer(900001)

	def do_order(self):
		what = self.chance.choice(('answer', 'answer', 'hangup', 'hangup', 'hold', 'resume'))
		self.phone.ask(what, call=self.some_call())

	def do_mute(self):
		self.phone.ask('mute', call=self.some_call(), on=self.chance.random() < 0.5)

	def do_dtmf(self):
		self.phone.ask('dtmf', call=self.some_call(), digits='12#', how=self.chance.choice(('rtp', 'info')))

	def do_transfer(self):
		self.phone.ask('transfer', call=self.some_call(), to=self.peer().uri('answer-0'))

	def do_transfer_to(self):
		self.phone.ask('transfer_to', call=self.some_call(), **{'with': self.some_call()})

	def do_line(self):
		if self.chance.random() < 0.1:
			self.phone.do('line_delete', line='b')
			self.phone.line('b')

	# ---- what peers may do ----

	def do_call_in(self):
		self.peer().call(self.phone, line=self.chance.choice('ab'))

	def do_burst(self):
		for peer in self.peers:
			peer.call(self.phone)

	def do_cancel(self):
		dialog = self.peer().call(self.phone)
		time.sleep(self.chance.random() * 0.02)
		if dialog.state in ('new', 'ringing'):
			dialog.cancel()

	def do_bye(self):
		dialog = self.some_dialog()
		if dialog:
			dialog.bye()

	def do_reinvite(self):
		dialog = self.some_dialog()
		if dialog:
			dialog.reinvite(self.chance.choice(('sendonly', 'sendrecv', 'inactive')))

	def do_mood(self):
		peer = self.peer()
		peer.refer_mode = self.chance.choice(('follow', 'follow', 'reject', 'fail', 'silent', 'stop', '503', 'bye'))
		peer.info_code = self.chance.choice((200, 415, 481))
		peer.reinvite_code = self.chance.choice((200, 200, 200, 488, 491, 500))

	def rage(self):
		weights = {'dial': 2, 'dial_and_hang_up': 1, 'order': 6, 'mute': 1, 'dtmf': 1, 'transfer': 1, 'transfer_to': 1, 'line': 1,
			   'call_in': 2, 'burst': 1, 'cancel': 1, 'bye': 1, 'reinvite': 1, 'mood': 1}
		end = time.time() + SECONDS
		while time.time() < end and self.phone.alive():
			what = self.chance.choices(list(weights), list(weights.values()))[0]
			self.done[what] = self.done.get(what, 0) + 1
			getattr(self, 'do_' + what)()
			time.sleep(self.chance.random() * 0.04)


def left_over(peers):
	"""Calls that a peer believes are up, those between peers (after a transfer) aside."""
	followed = {d.followed.call_id for p in peers for d in p.dialogs.values() if d.followed}
	return [(p, d) for p in peers for d in p.dialogs.values() if d.state == 'up' and d.call_id not in followed]


def history(peer, dialog):
	start = peer.messages[0][0]
	lines = [f'{t - start:8.3f} {direction} {m.splitlines()[0]}' for t, direction, m in peer.messages if dialog.call_id in m]
	return '\n'.join(lines)


@tap.main
def test():
	tap.note(f'SEED={SEED} SECONDS={SECONDS}')
	peers = [Peer(loopback(), user='answer-0', tone=1000 + 250 * n) for n in range(3)]
	with Phone() as phone:
		sound = Sound(phone.audio)
		phone.line('a')
		phone.line('b')
		storm = Storm(phone, peers)
		with tap.guard('a command is answered in a storm'):
			storm.rage()
		tap.check('the phone lives', phone.alive(), phone.log()[-800:])
		for peer in peers:
			peer.reinvite_code = 200
		for call in phone.do('list')['calls']:
			phone.ask('hangup', call=call['call'])
		tap.equal('no call is left', phone.do('list')['calls'], [])
		with tap.guard('no call is left at a peer'):
			eventually(lambda: not left_over(peers))
		tap.equal('no call is left at a peer', [history(p, d) for p, d in left_over(peers)], [])
		tap.equal('no INVITE left unordered', phone.count('unordered'), 0)
		for dialog in [d for p in peers for d in p.dialogs.values()]:
			dialog.rtp_to = None    # calls between peers, which would take this machine's time
		call = phone.dial(peers[0].uri('answer-0'))
		dialog = peers[0].wait_dialog(call['sip'])
		tap.check('a new call is heard', sound.heard[call['slot']].has(1000), phone.log()[-2000:])
		tap.check('and hears', dialog.heard.has(sound.TONES[call['slot']]), phone.log()[-2000:])
		tap.equal('it ends with 0', phone.end(), 0)
	tap.note(f'{sum(storm.done.values())} actions, {sum(len(p.dialogs) for p in peers)} dialogs')
