#!/usr/bin/python3
"""Transfers: blind and attended, by every combination of who called whom; one that fails leaves both calls."""
from rig import Phone, Sound, eventually, is_tone, loopback
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
	tap.check('the two hear each other', is_tone(joined.heard.listen(), consult.tone) and is_tone(other.heard.listen(), customer.tone))
	joined.bye()


def blind(phone, customer, other):
	number, dialog = connect(phone, customer, True)
	phone.do('transfer', call=number, to=other.uri('answer-0'))
	tap.equal('a blind transfer ends our leg', phone.wait('closed', call=number)['by'], 'transfer')
	dialog.followed.wait('up')
	dialog.followed.bye()
	number, dialog = connect(phone, customer, True)
	phone.do('transfer', call=number, to=other.uri('code-486'))
	tap.check('one to a busy party fails', '486' in phone.wait('transfer_failed', call=number)['reason'])
	tap.check('and leaves the customer', dialog.state == 'up' and is_tone(dialog.heard.listen(), Sound.TONES[0]))
	return number, dialog


def failing(phone, customer, consult, number, dialog):
	for mode in ('reject', 'fail', 'fail', 'reject'):
		customer.refer_mode = mode
		failed = phone.count('transfer_failed')
		phone.do('transfer', call=number, to='sip:nobody@127.0.0.1')
		phone.wait('transfer_failed', nth=failed + 1, call=number)
		tap.check(f'after a transfer that fails ({mode}) the call lives', dialog.state == 'up' and not phone.count('closed', call=number))
	tap.check('with sound', is_tone(dialog.heard.listen(), Sound.TONES[0]))
	second, far = connect(phone, consult, True)
	customer.refer_mode = 'fail'
	failed = phone.count('transfer_failed')
	phone.do('transfer_to', call=number, **{'with': second})
	phone.wait('transfer_failed', nth=failed + 1)
	tap.equal('after an attended one that fails both calls live', (dialog.state, far.state), ('up', 'up'))
	tap.check('a call is not transferred to itself', 'the same call' in phone.refused('transfer_to', call=number, **{'with': number}))


@tap.main
def test():
	customer, consult = Peer(loopback(), user='answer-0', tone=1000), Peer(loopback(), user='answer-0', tone=1290)
	with Phone() as phone:
		Sound(phone.audio)
		phone.line()
		for customer_out in (True, False):
			for consult_out in (True, False):
				attended(phone, customer, consult, customer_out, consult_out)
		number, dialog = blind(phone, customer, consult)
		failing(phone, customer, consult, number, dialog)
		tap.equal('no leg left unordered', phone.count('unordered'), 0)
		tap.equal('it ends with 0', phone.end(), 0)
