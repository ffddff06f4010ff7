#!/usr/bin/python3
"""No call leaves that the engine did not order: a 302 is not followed, REFER is refused, a leg made inside of baresip
never leaves; no stranger gets into a call; and whoever answers beside the call, or too late, is let go of."""
import re
import socket
import tempfile

from rig import Phone, compile_module, eventually, loopback, Sound
from peer import Peer, parse
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
	near.wait_message(r'^ACK(?s:.)*' + call['sip'])
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


class Fork(Peer):
	"""Another far end of a call that a proxy forks.  It may want a password for BYE."""

	def __init__(self, *place, wants_password=False, **more):
		self.wants_password = wants_password
		super().__init__(*place, **more)

	def on_request(self, method, uri, headers, body, address, dialog):
		if method == 'BYE' and not (self.wants_password and 'authorization' not in headers):
			self.reply(headers, address, 200, 'OK')
		elif method == 'BYE':
			self.reply(headers, address, 401, 'Who', 'WWW-Authenticate: Digest realm="r", nonce="n1", qop="auth"\r\n')

	def answers(self, proxy, dialog, tag, record=''):
		"""Its 200 to that INVITE, by way of the proxy."""
		sdp = (f'v=0\r\no=- 1 1 IN IP4 {self.ip}\r\ns=-\r\nc=IN IP4 {self.ip}\r\nt=0 0\r\n'
		       f'm=audio {self.sound.getsockname()[1]} RTP/AVP 0\r\n')
		proxy.reply(dialog.invite, dialog.address, 200, 'OK', f'{record}Contact: {self.contact}\r\n'
			    'Content-Type: application/sdp\r\n', sdp, tag)

	def heard(self, tag):
		"""[(method, CSeq, URI)] of what came for that tag."""
		found = [parse(m) for m in self.received(f'^(ACK|BYE) [^\\r]*\r\n(.*\r\n)*To:.*tag={tag}')]
		return [(*headers['cseq'][0].split()[::-1], first.split()[1]) for first, headers, _ in found]


def forks(phone, near, sound):
	other = Fork(near.ip, 5064, user='other', wants_password=True)
	proxy = Fork(near.ip, 5066)
	other.sound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	other.sound.bind((near.ip, 0))
	other.sound.setblocking(False)
	phone.line('f', user='200', password='secret')
	call = phone.dial(near.uri('answer-0'), line='f')
	dialog = near.wait_dialog(call['sip'])
	number = int(dialog.invite['cseq'][0].split()[0])
	uri, at = f'sip:other@{near.ip}:5064', [str(number + n) for n in range(3)]
	other.answers(near, dialog, 'second')
	eventually(lambda: len(other.heard('second')) >= 3, what=f'ACK and BYE for a second 200, not {other.heard("second")}')
	tap.equal('a second 200 of a forked call gets ACK, BYE, and BYE with the password', other.heard('second'),
		  [('ACK', at[0], uri), ('BYE', at[1], uri), ('BYE', at[2], uri)])
	other.answers(near, dialog, 'second')
	eventually(lambda: len(other.heard('second')) >= 4, what='another ACK')
	tap.equal('sent again, it gets ACK again', other.heard('second')[3:], [('ACK', at[0], uri)])
	tap.equal('and is told once', [e['who'] for e in phone.matching('second_answer')], [uri])
	other.answers(near, dialog, 'routed', f'Record-Route: <sip:127.0.0.9;lr>\r\nRecord-Route: <{proxy.uri("x")};lr>\r\n')
	eventually(lambda: len(proxy.heard('routed')) >= 2, what='ACK and BYE by way of the proxy')
	tap.check('a recorded route is gone back, the last proxy first', re.search(
		f'Route: <{proxy.uri("x")};lr>\r\nRoute: <sip:127.0.0.9;lr>\r\n', proxy.received('^ACK')[0]))
	tap.check('the call itself goes on', dialog.state == 'up' and sound.heard[call['slot']].has(near.tone), dialog.state)
	phone.do('hangup', call=call['call'])
	dialog.wait('ended')
	other.answers(near, dialog, 'third')
	eventually(lambda: len(other.heard('third')) >= 2, what='ACK and BYE for a 200 after the end')
	tap.equal('so does one that comes after the end', [h[0] for h in other.heard('third')[:2]], ['ACK', 'BYE'])
	call = phone.do('dial', line='f', to=near.uri('code-603'))
	phone.wait('closed', call=call['call'])
	other.answers(near, near.wait_dialog(call['sip']), 'late')
	eventually(lambda: len(other.heard('late')) >= 2, what='ACK and BYE for a 200 after a refusal')
	tap.equal('and one that comes after a refusal', [h[0] for h in other.heard('late')[:2]], ['ACK', 'BYE'])
	try:
		stray = other.sound.recv(2048)
	except BlockingIOError:
		stray = None
	tap.equal('none of them gets sound', stray, None)
	other.sound.close()


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
		tap.check('after all that the call still has sound', sound.heard[call['slot']].has(near.tone), phone.log()[-4000:])
		phone.do('hangup', call=call['call'])
		forks(phone, near, sound)
		tap.equal('no INVITE left unordered', phone.count('unordered'), 0)
		tap.equal('it ends with 0', phone.end(), 0)
