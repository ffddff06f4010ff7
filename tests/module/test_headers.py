#!/usr/bin/python3
"""What headers say of a call: that it is to be answered by itself; and whose number a call of ours shows."""
import re

from rig import Phone, Sound, loopback
from peer import Peer, parse, random_id
import tap

MARKS = (('Answer-Mode: Auto', True), ('Answer-Mode: auto ;require', True), ('Answer-Mode: Manual', False),
	 ('Alert-Info: <http://x>;info=alert-autoanswer', True), ('Alert-Info: <http://x>;info=alert-autoanswer;delay=0', True),
	 ('Alert-Info: <http://x>;info=alert-autoanswer;delay=5', False), ('Alert-Info: <http://x>;info=alert-external', False),
	 ('Call-Info: <sip:x>;answer-after=0', True), ('Call-Info: <sip:x>;answer-after=30', False),
	 ('Call-Info: <http://x>;purpose=icon\r\nCall-Info: <sip:x>;answer-after=0', True), ('Subject: Auto', False))


def auto_answer(phone, peer):
	for mark, wanted in MARKS:
		before = phone.count('incoming')
		dialog = peer.call(phone, extra=mark + '\r\n')
		incoming = phone.wait('incoming', nth=before + 1)
		shown = mark.replace('\r\n', ', ')
		tap.equal(f'{shown}: {"asks" if wanted else "does not ask"} for it', incoming.get('auto_answer', False), wanted)
		phone.do('hangup', call=incoming['call'])
		dialog.wait('refused 486')
	peer.call(phone)
	tap.check('and the next call without a mark does not', 'auto_answer' not in phone.wait('incoming', nth=len(MARKS) + 1))


SHOWN = 'sip:+14155550100@pbx.example'
IDENTITIES = ('p-asserted-identity', 'p-preferred-identity')


def invite_of(phone, peer, **members):
	"""The headers of a call's INVITE: (From's URI, {identity header: value})."""
	call = phone.do('dial', line='a', to=peer.uri('answer-0'), **members)
	phone.wait('up', call=call['call'])
	_, headers, _ = parse(peer.wait_message(r'^INVITE(?s:.)*' + call['sip']))
	phone.do('hangup', call=call['call'])
	return re.search('<([^>]+)>', headers['from'][0])[1], {h: headers[h] for h in IDENTITIES if h in headers}


def shown(phone, peer):
	ours = f'sip:a@{phone.host}'
	for members, wanted in (({}, (ours, {})), ({'from': SHOWN}, (SHOWN, {})), ({'from': SHOWN, 'identity': 'from'}, (SHOWN, {})),
				({'from': SHOWN, 'identity': 'pai'}, (ours, {'p-asserted-identity': [f'<{SHOWN}>']})),
				({'from': SHOWN, 'identity': 'ppi'}, (ours, {'p-preferred-identity': [f'<{SHOWN}>']})), ({}, (ours, {}))):
		tap.equal(f'dialled with {members}', invite_of(phone, peer, **members), wanted)
	for bad in ('+14155550100', 'sip:x@y>', 'sip:x@y\r\nX: 1', 'sip:x y@z', 'sip:"x"@y', 'sip:x@y;tag=1', 'sip:x@y,sip:z', 'tel:+1', 'sip:%00@y'):
		tap.check(f'not shown: {bad!r}', 'must be a SIP URI' in phone.refused('dial', line='a', to=peer.uri(), **{'from': bad}))
	tap.check('nor another header', 'from, pai or ppi' in phone.refused('dial', line='a', to=peer.uri(), identity='rpid'))


class Proxy(Peer):
	"""Asks who calls before it takes a call."""

	def on_invite(self, uri, headers, body, address):
		if 'proxy-authorization' in headers:
			return super().on_invite(uri, headers, body, address)
		self.reply(headers, address, 407, 'Who', 'Proxy-Authenticate: Digest realm="r", nonce="n", qop="auth", algorithm=MD5\r\n',
			   local_tag=random_id())


def authenticated(phone):
	"""The number that is shown is not the user who authenticates."""
	proxy = Proxy(loopback())
	phone.line('trunk', user='account7', password='secret')
	for identity in ('from', 'pai'):
		call = phone.do('dial', line='trunk', to=proxy.uri('answer-0'), **{'from': SHOWN, 'identity': identity})
		phone.wait('up', call=call['call'])
		sent = proxy.received('^INVITE')[-2:]
		tap.equal(f'{identity}: challenged or not, it is whom the order names who is called, and nobody else',
			  [(m.split()[1], parse(m)[1]['to']) for m in sent], [(proxy.uri('answer-0'), [f"<{proxy.uri('answer-0')}>"])] * 2)
		_, headers, _ = parse(sent[-1])
		user = re.search('username="([^"]*)"', headers['proxy-authorization'][0])[1]
		carrier = headers['from' if identity == 'from' else 'p-asserted-identity'][0]
		tap.equal(f'{identity}: the line authenticates as itself, and the number is still there', (user, SHOWN in carrier),
			  ('account7', True))


@tap.main
def test():
	peer = Peer(loopback())
	with Phone() as phone:
		phone.line()
		auto_answer(phone, peer)
		tap.equal('no call was answered by itself', phone.count('up'), 0)
		Sound(phone.audio)
		shown(phone, peer)
		authenticated(phone)
		tap.equal('it ends with 0', phone.end(), 0)
