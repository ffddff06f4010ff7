#!/usr/bin/python3
"""Transfers: blind and attended, by every combination of who called whom, and into a conference room; one that fails, in
whichever way, leaves the calls with their sound."""
from rig import Phone, Sound, loopback
from peer import Peer
import tap


def connect(phone, peer, outgoing):
	"""A call that is up: (its id, the peer's side of it)."""
	if outgoing:
		call = phone.dial(peer.uri('answer-0'))
		return call['call'], peer.wait_dialog(call['sip'])
	before = phone.count('incoming')
	dialog = peer.call(phone)
	number = phone.wait('incoming', nth=before + 1)['call']
	phone.do('answer', call=number)
	dialog.wait('up')
	phone.wait('up', call=number)
	return number, dialog


def attended(phone, customer, consult, customer_out, consult_out):
	first, near = connect(phone, customer, customer_out)
	phone.do('hold', call=first)
	near.wait_direction('sendonly', 'inactive')
	second, far = connect(phone, consult, consult_out)
	phone.do('transfer_to', call=first, **{'with': second})
	ends = phone.wait('closed', call=first)['by'], phone.wait('closed', call=second)['by']
	who = f'customer {"called" if customer_out else "calling"}, consult {"called" if consult_out else "calling"}'
	tap.equal(f'attended transfer, {who}: both legs end', ends, ('transfer', 'peer'))
	joined = near.followed
	other = consult.wait_dialog(joined.call_id)
	tap.check('the customer took the place of our leg', other.replaced is far)
	tap.check('the two hear each other', joined.heard.has(consult.tone) and other.heard.has(customer.tone))
	joined.bye()


def blind(phone, customer, other):
	number, dialog = connect(phone, customer, True)
	phone.do('transfer', call=number, to=other.uri('answer-0'))
	tap.equal('a blind transfer ends our leg', phone.wait('closed', call=number)['by'], 'transfer')
	told = [e['code'] for e in phone.matching('transfer_progress', call=number)]
	tap.equal('and tells its progress before', told, [202, 100])
	tap.equal('the target stands in angle brackets', dialog.refer_to, f'<{other.uri("answer-0")}>')
	dialog.followed.wait('up')
	dialog.followed.bye()
	number, dialog = connect(phone, customer, True)
	phone.do('transfer', call=number, to=other.uri('code-486'))
	tap.check('one to a busy party fails', '486' in phone.wait('transfer_failed', call=number)['reason'])
	tap.check('and leaves the customer', dialog.state == 'up' and dialog.heard.has(Sound.TONES[0]))
	return number, dialog


def failing(phone, customer, consult, number, dialog):
	for mode in ('reject', 'fail', 'fail', 'reject'):
		customer.refer_mode = mode
		failed = phone.count('transfer_failed')
		phone.do('transfer', call=number, to='sip:nobody@127.0.0.1')
		phone.wait('transfer_failed', nth=failed + 1, call=number)
		tap.check(f'after a transfer that fails ({mode}) the call lives', dialog.state == 'up' and not phone.count('closed', call=number))
	tap.check('with sound', dialog.heard.has(Sound.TONES[0]))
	second, far = connect(phone, consult, True)
	customer.refer_mode = 'fail'
	failed = phone.count('transfer_failed')
	phone.do('transfer_to', call=number, **{'with': second})
	phone.wait('transfer_failed', nth=failed + 1)
	tap.equal('after an attended one that fails both calls live', (dialog.state, far.state), ('up', 'up'))
	tap.check('a call is not transferred to itself', 'the same call' in phone.refused('transfer_to', call=number, **{'with': number}))


def no_result(phone, customer, number, dialog, tone):
	"""The far end's word stops short of an end, or is the whole of it."""
	for mode, reason in (('stop', 'ended without a result'), ('503', '503 X')):
		customer.refer_mode = mode
		failed = phone.count('transfer_failed')
		phone.do('transfer', call=number, to='sip:nobody@127.0.0.1')
		told = phone.wait('transfer_failed', nth=failed + 1, call=number)['reason']
		tap.equal(f'a transfer that ends so ({mode}) has failed', told, reason)
	customer.refer_mode = 'silent'
	accepted = phone.count('transfer_progress', call=number, code=202)
	phone.do('transfer', call=number, to='sip:nobody@127.0.0.1?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2')
	phone.wait('transfer_progress', nth=accepted + 1, call=number, code=202)
	tap.equal('headers within the target arrive as they were', dialog.refer_to,
		  '<sip:nobody@127.0.0.1?Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2>')
	tap.check('the sound goes on meanwhile', dialog.heard.has(tone))
	for customer.refer_ids in (False, True):        # of the one before nobody has said how it went
		customer.refer_mode = 'fail'
		failed, told = phone.count('transfer_failed', call=number), phone.count('transfer_progress', call=number, code=100)
		phone.do('transfer', call=number, to='sip:nobody@127.0.0.1')
		reason = phone.wait('transfer_failed', nth=failed + 1, call=number)['reason']
		tap.equal(f'a second one, {"with" if customer.refer_ids else "without"} an id, is told by itself',
			  (reason[:3], phone.count('transfer_progress', call=number, code=100)), ('486', told + 1))
	customer.refer_ids = False
	customer.refer_mode = 'bye'
	phone.do('transfer', call=number, to='sip:nobody@127.0.0.1')
	closed = phone.wait('closed', call=number)
	tap.equal('BYE instead of a result: the call ends, the transfer unknown', (closed['by'], closed.get('referring')), ('peer', True))


def into_a_room(phone, customer, other, room):
	"""Two calls on hold are sent to a room of the PBX (RFC 4579); the agent's own call to it may end then."""
	customer.refer_mode = other.refer_mode = 'follow'
	legs = [connect(phone, peer, outgoing) for peer, outgoing in ((customer, True), (other, False))]
	for number, dialog in legs:
		phone.do('hold', call=number)
		dialog.wait_direction('sendonly', 'inactive')
	own, seat = connect(phone, room, True)
	for number, _ in legs:
		phone.do('transfer', call=number, to=room.uri('answer-0'))
	ends = [phone.wait('closed', call=number)['by'] for number, _ in legs]
	tap.equal('both calls move into the room', ends, ['transfer', 'transfer'])
	for _, dialog in legs:
		dialog.followed.wait('up')
	phone.do('hangup', call=own)
	seat.wait('ended')
	tap.equal('and stay when the agent leaves', [d.followed.state for _, d in legs], ['up', 'up'])


@tap.main
def test():
	customer, consult = Peer(loopback(), user='answer-0', tone=1000), Peer(loopback(), user='answer-0', tone=1290)
	with Phone() as phone:
		sound = Sound(phone.audio)
		phone.line()
		for customer_out in (True, False):
			for consult_out in (True, False):
				attended(phone, customer, consult, customer_out, consult_out)
		number, dialog = blind(phone, customer, consult)
		failing(phone, customer, consult, number, dialog)
		no_result(phone, customer, number, dialog, sound.TONES[0])
		into_a_room(phone, customer, consult, Peer(loopback(), user='room', tone=1500))
		tap.equal('no leg left unordered', phone.count('unordered'), 0)
		tap.equal('it ends with 0', phone.end(), 0)
