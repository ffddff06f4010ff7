#!/usr/bin/python3
"""No call leaves that the engine did not order: a 302 is not followed, REFER is refused, a leg made inside of baresip
never leaves; and no stranger gets into a call."""
import tempfile

from rig import Phone, compile_module, eventually, is_tone, loopback, Sound, spectrum
from peer import Peer
import tap


def rogue_module(near):
	with tempfile.TemporaryDirectory(prefix='spctl-rogue-') as folder:
		rogue = compile_module('rogue.c', folder)
		with Phone(apps=[rogue], env={'ROGUE_URI': near.uri()}) as phone:
			phone.line()
			unordered = phone.wait('unordered')
			eventually(lambda: 'rogue: ua_connect says' in phone.log(), what="the rogue's dial to return")
			tap.equal('a leg of another module is told', (unordered['sent'], unordered['to']), (False, near.uri()))
			call = phone.dial(near.uri('answer-0'))
			tap.equal('the INVITE that was ordered is the only one that left', len(near.received('^INVITE')), 1)
			tap.equal('and its call the only one there is', [c['call'] for c in phone.do('list')['calls']], [call['call']])


def redirect(phone, near, far):
	invites = len(near.received('^INVITE'))
	call = phone.do('dial', line='a', to=near.uri(f'redirect-{far.port}'))
	redirected, closed = phone.wait('redirected', call=call['call']), phone.wait('closed', call=call['call'])
	tap.equal('a 302 is told', (redirected['code'], redirected['to']), (302, f'<sip:answer@{near.ip}:{far.port}>'))
	tap.equal('and ends the call, under its own name', (closed['code'], closed['reason'], closed['by']),
			  (302, 'Moved Temporarily', 'peer'))
	near.wait_message('^ACK')
	tap.equal('one INVITE left, and no other', (len(near.received('^INVITE')) - invites, far.messages), (1, []))


def refer(phone, near, far, dialog):
	dialog.refer(f'<{far.uri()}>')
	eventually(lambda: dialog.refer_answer, what='an answer to REFER')
	tap.equal('REFER within a call is refused', dialog.refer_answer, 501)
	tap.equal('and told', phone.wait('refer_refused')['from'], f'sip:answer-0@{near.ip}')
	stranger = near.prepare(f'sip:a@{phone.ip}', (phone.ip, 5060))
	stranger.refer(f'<{far.uri()}>')
	eventually(lambda: stranger.refer_answer, what='an answer to REFER')
	tap.equal('REFER out of the blue is refused', stranger.refer_answer, 501)
	tap.equal('nobody was called', far.messages, [])


def replaces(phone, near, far, dialog, call):
	plain = f'Replaces: {call["sip"]};to-tag={dialog.local_tag};from-tag=x\r\n'
	near.call(phone, extra='Require: replaces\r\n' + plain).wait('refused 420')
	tap.check('an INVITE that must replace a call is refused', dialog.state == 'up')
	before = phone.count('incoming')
	near.call(phone, extra=plain)
	other = phone.wait('incoming', nth=before + 1)
	tap.check('one that may replace it is a call of its own', dialog.state == 'up')
	phone.do('hangup', call=other['call'])
	stranger = far.call(phone, call_id=call['sip'])
	stranger.wait('refused 486')
	tap.check("a stranger's INVITE with our Call-ID is refused", dialog.state == 'up')
	tap.equal('and told', phone.wait('busy')['from'], f'sip:{far.user}@{far.ip}:{far.port}')


@tap.main
def test():
	near, far = Peer(loopback(), tone=1000), Peer(loopback(), port=5062, tone=1290)
	rogue_module(near)
	with Phone() as phone:
		sound = Sound(phone.audio)
		phone.line()
		elsewhere = Peer(near.ip, port=5062)
		redirect(phone, near, elsewhere)
		call = phone.dial(near.uri('answer-0'))
		dialog = near.wait_dialog(call['sip'])
		refer(phone, near, far, dialog)
		replaces(phone, near, far, dialog, call)
		heard = sound.heard[call['slot']].listen()
		tap.check('after all that the call still has sound', is_tone(heard, near.tone), 
			  f'{spectrum(heard)}\n{phone.log()[-4000:]}')
		tap.equal('no INVITE left unordered', phone.count('unordered'), 0)
		tap.equal('it ends with 0', phone.end(), 0)
