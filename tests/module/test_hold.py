#!/usr/bin/python3
"""Hold and resume; a held call while others end in every way there is; changes that the peer refuses; calls that ring
together; more calls than slots."""
from rig import Phone, Sound, comes_about, eventually, loopback
from peer import Peer
import tap

NO_CODEC = ('v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n'
	    'm=audio 4000 RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n')
IPV6_OFFER = 'v=0\r\no=- 1 1 IN IP6 ::1\r\ns=-\r\nc=IN IP6 ::1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n'


def next_incoming(phone, act):
	before = phone.count('incoming')
	dialog = act()
	return dialog, phone.wait('incoming', nth=before + 1)['call']


def many_times(phone, sound, call, dialog):
	for _ in range(10):
		phone.do('hold', call=call)
		dialog.wait_direction('sendonly', 'inactive')
		phone.do('resume', call=call)
		dialog.wait_direction('sendrecv')
	tap.check('after ten times hold and resume the agent hears', sound.heard[0].has(dialog.freq))
	tap.check('and is heard', dialog.heard.has(sound.TONES[0]))
	phone.do('hold', call=call)
	dialog.wait_direction('sendonly', 'inactive')
	tap.check('while held, the far end hears nothing', dialog.heard.falls_silent())
	tap.check('nor does the agent', sound.heard[0].falls_silent())


def others_end(phone, other, call, dialog):
	"""baresip 1.0.0 would resume the held call at each of these."""
	offers = len(dialog.offers)

	def still_held(what):
		held = [c['held'] for c in phone.do('list')['calls'] if c['call'] == call]
		tap.check(f'it stays held when {what}', held == [True] and len(dialog.offers) == offers, dialog.offers[offers:])

	second = phone.dial(other.uri('answer-0'))
	phone.do('hangup', call=second['call'])
	still_held('we hang up another')
	second = phone.dial(other.uri('answer-0'))
	other.wait_dialog(second['sip']).bye()
	phone.wait('closed', call=second['call'])
	still_held('the far end of another hangs up')
	for does in ('code-486', 'redirect-5099'):
		second = phone.do('dial', line='a', to=other.uri(does))
		phone.wait('closed', call=second['call'])
		still_held(f'another ends with {does}')
	second = phone.do('dial', line='a', to=other.uri('ring'))
	phone.wait('ringing', call=second['call'])
	phone.do('hangup', call=second['call'])
	still_held('another is cancelled')
	caller, number = next_incoming(phone, lambda: other.call(phone))
	phone.do('hangup', call=number)
	still_held('another is refused')
	caller, number = next_incoming(phone, lambda: other.call(phone))
	caller.cancel()
	phone.wait('closed', call=number)
	still_held('a caller gives up')
	for body, what in ((NO_CODEC, 'a caller has no codec of ours'), (IPV6_OFFER, 'a caller has another address family')):
		other.call(phone, body=body).wait('refused 488')
		still_held(what)


def refused_hold(phone, peer, call, dialog):
	peer.reinvite_code = 488
	phone.do('hold', call=call)
	refused = phone.wait('change_refused', call=call)
	tap.equal('a refused hold is told', (refused['code'], refused['held']), (488, False))
	tap.equal('and is none', [c['held'] for c in phone.do('list')['calls']], [False])
	phone.wait('change_refused', nth=2, call=call)
	peer.reinvite_code = 200
	tap.check('the far end still hears the agent', dialog.heard.has(Sound.TONES[0]))
	phone.do('hold', call=call)
	dialog.wait_direction('sendonly', 'inactive')
	phone.do('resume', call=call)
	dialog.wait_direction('sendrecv')
	phone.send({'id': 901, 'do': 'hold', 'call': call}, {'id': 902, 'do': 'resume', 'call': call},
		   {'id': 903, 'do': 'hold', 'call': call})
	tap.check('hold, resume, hold in one write', all(phone.answer(n)['ok'] for n in (901, 902, 903)))
	held = lambda: dialog.direction in ('sendonly', 'inactive') and dialog.heard.is_silent() and dialog.direction != 'sendrecv'
	tap.check('ends held', comes_about(held), dialog.offers[-4:])
	phone.do('resume', call=call)
	dialog.wait_direction('sendrecv')


def peer_holds(phone, call, dialog):
	def told(direction):
		return eventually(lambda: phone.matching('media', call=call)[-1]['theirs'] == direction, what=direction)
	dialog.reinvite('sendonly')
	tap.check('the peer holds us', told('recvonly'))
	dialog.reinvite('sendrecv')
	tap.check('and resumes', told('sendrecv'))
	phone.do('hold', call=call)
	dialog.wait_direction('sendonly', 'inactive')
	eventually(dialog.heard.is_silent, what='silence')
	for direction in ('sendrecv', 'sendonly'):
		dialog.reinvite(direction)
		tap.check(f'a re-INVITE ({direction}) by the peer does not end our hold', dialog.heard.is_silent())
	phone.do('resume', call=call)
	dialog.wait_direction('sendrecv')


def ring_together(phone, near, far, dialog):
	for first in (0, 1):
		(a, call_a), (b, call_b) = (next_incoming(phone, lambda: p.call(phone)) for p in (near, far))
		a.wait('ringing')
		b.wait('ringing')
		pairs = [(a, call_a), (b, call_b)]
		answered, waits = pairs[first], pairs[1 - first]
		phone.do('answer', call=answered[1])
		answered[0].wait('up')
		tap.equal(f'of two that ring, number {first + 1} is answered, the other rings on', waits[0].state, 'ringing')
		phone.do('answer', call=waits[1])
		waits[0].wait('up')
		tap.equal('nobody is put on hold', (a.direction, b.direction, dialog.direction), ('sendrecv',) * 3)
		for _, number in pairs:
			phone.do('hangup', call=number)


def more_than_slots(phone, sound, peer):
	for call in phone.do('list')['calls']:
		phone.do('hangup', call=call['call'])
	before, busy = phone.count('incoming'), phone.count('busy')
	dialogs = [peer.prepare(f'sip:a@{phone.ip}', (phone.ip, 5060), freq=900 + 90 * n) for n in range(9)]
	for dialog in dialogs:
		peer.place(dialog)
	calls = [phone.wait('incoming', nth=before + 1 + n) for n in range(8)]
	tap.check('of nine calls at once one is busy', phone.wait('busy', nth=busy + 1))
	tap.check('and none can be dialled', 'there are 8 calls' in phone.refused('dial', line='a', to=peer.uri()))
	phone.send(*({'id': 800 + call['call'], 'do': 'answer', 'call': call['call']} for call in calls))
	for call in calls:
		phone.wait('up', call=call['call'])
	theirs = [peer.dialogs[call['sip']] for call in calls]
	for dialog in theirs:
		dialog.wait('up')
	tap.equal('eight are up', len([dialog for dialog in dialogs if dialog.state == 'up']), 8)
	right = [sound.heard[call['slot']].has(dialog.freq) for call, dialog in zip(calls, theirs)]
	tap.check('each of the eight is heard on its own slot', all(right), f'{right}\n{phone.log()[-6000:]}')


@tap.main
def test():
	near, far = Peer(loopback(), tone=1000), Peer(loopback(), tone=1290)
	with Phone() as phone:
		sound = Sound(phone.audio)
		phone.line()
		call = phone.dial(near.uri('answer-0'))
		dialog = near.wait_dialog(call['sip'])
		many_times(phone, sound, call['call'], dialog)
		others_end(phone, far, call['call'], dialog)
		phone.do('resume', call=call['call'])
		dialog.wait_direction('sendrecv')
		tap.check('resumed, the agent is heard again', dialog.heard.has(sound.TONES[0]))
		refused_hold(phone, near, call['call'], dialog)
		peer_holds(phone, call['call'], dialog)
		ring_together(phone, near, far, dialog)
		more_than_slots(phone, sound, near)
		tap.equal('it ends with 0', phone.end(), 0)
