#!/usr/bin/python3
"""A line that asks for encryption has it or has no sound: a peer that answers in the clear, without a key, or with one that cannot be
used; that takes the encryption back in mid-call, or changes its key; and SDP that asks too much."""
import base64
import re
import threading

from rig import PATIENCE, Phone, Sound, comes_about, loopback
from peer import Peer
from srtp import Srtp, crypto, new_key
import tap

SUITE = 'AES_CM_128_HMAC_SHA1_80'
MODULES = ('g711', 'alsa', 'srtp', 'dtls_srtp')


def with_sdp(dialog, protocol='RTP/SAVP', lines='', direction='sendrecv'):
	return dialog.sdp(direction).replace('RTP/AVP', protocol) + lines


def asked(phone, peer, line='sec'):
	"""An INVITE that waits for our word."""
	call = phone.do('dial', line=line, to=peer.uri('quiet'))
	dialog = peer.wait_dialog(call['sip'])
	dialog.invited = peer.received('^INVITE(?s:.)*' + call['sip'])[0]
	return call['call'], dialog


def silent(dialog):
	return not dialog.heard.blocks


def no_call(phone, peer, what, protocol, lines, why):
	number, dialog = asked(phone, peer)
	dialog.respond(200, 'OK', body=with_sdp(dialog, protocol, lines))
	closed = phone.wait('closed', call=number)
	tap.check(f'{what}: the call ends, and it is told why', closed['by'] != 'engine' and why in closed['reason'], closed)
	tap.check(f'{what}: no packet of sound left, no lock was told', silent(dialog) and not phone.count('encrypted', call=number))


def first_answers(phone, peer):
	good = base64.b64encode(new_key()).decode()
	for what, protocol, lines, why in (
			('an answer in the clear', 'RTP/AVP', '', 'not encrypted'),
			('RTP/SAVP without a key', 'RTP/SAVP', '', 'without a key'),
			('a key in the clear beside it', 'RTP/AVP', f'a=crypto:1 {SUITE} inline:{good}\r\n', 'not encrypted'),
			('a key that is too short', 'RTP/SAVP', f'a=crypto:1 {SUITE} inline:QUJD\r\n', 'wrong length'),
			('a suite of nobody', 'RTP/SAVP', f'a=crypto:1 F8_128_HMAC_SHA1_80 inline:{good}\r\n', 'without a key'),
			('SRTP that is not encrypted', 'RTP/SAVP', f'a=crypto:1 {SUITE} inline:{good} UNENCRYPTED_SRTP\r\n', 'not encrypted')):
		no_call(phone, peer, what, protocol, lines, why)


def early_in_the_clear(phone, peer, sound):
	number, dialog = asked(phone, peer)
	dialog.respond(183, 'Session Progress', body=with_sdp(dialog, 'RTP/AVP'))
	phone.wait('media_refused', call=number)
	phone.wait('ringing', call=number)
	heard = len(sound.heard[0].blocks)
	tap.check('183 in the clear brings no sound, in or out', sound.heard[0].is_silent(0.3) and silent(dialog), heard)
	tap.equal('and no lock', phone.count('encrypted', call=number), 0)
	phone.do('hangup', call=number)


def connected(phone, peer, key, suite=SUITE):
	number, dialog = asked(phone, peer)
	theirs = re.search(rf'a=crypto:\d+ {SUITE} inline:(\S+)', dialog.invited)[1]
	dialog.wrap, dialog.unwrap = Srtp(suite, key).wrap, Srtp(suite, base64.b64decode(theirs)).unwrap
	dialog.respond(200, 'OK', body=with_sdp(dialog, lines=crypto(key, suite)))
	phone.wait('up', call=number)
	return number, dialog


def asks(phone, dialog, sdp):
	"""The final status of a re-INVITE with this SDP."""
	done = threading.Event()
	codes = []
	dialog.on_final = lambda code: (codes.append(code), done.set())
	dialog.request('INVITE', 'Content-Type: application/sdp\r\n', sdp)
	done.wait(PATIENCE)
	return codes and codes[0]


def mid_call(phone, peer, sound):
	key = new_key()
	number, dialog = connected(phone, peer, key)
	both = lambda skip=0.1: sound.heard[0].has(peer.tone, skip=skip) and dialog.heard.has(sound.TONES[0])
	tap.equal('with a good key the lock is told', phone.wait('encrypted', call=number)['how'], SUITE)
	tap.check('and both hear, by SRTP', both())
	bomb = with_sdp(dialog, lines=crypto(key))
	for what, sdp, why in (
			('in the clear', with_sdp(dialog, 'RTP/AVP'), 'not encrypted'),
			('without a key', with_sdp(dialog), 'without a key'),
			('with 10,000 lines', bomb + 'a=x\r\n' * 10000, ''),
			('with 60 ICE candidates', bomb + 'a=candidate:1 1 UDP 1 192.0.2.1 9 typ host\r\n' * 60, 'candidates'),
			('with 30 streams', bomb + 'm=audio 9 RTP/SAVP 0\r\n' * 30, '')):
		refusals = phone.count('media_refused', call=number)
		tap.equal(f'a change {what} is refused', asks(phone, dialog, sdp), 488)
		told = phone.wait('media_refused', nth=refusals + 1, call=number)['reason']
		tap.check(f'{what}: it is told why', why in told, told)
	tap.check('the call goes on, encrypted', phone.alive() and both() and not phone.count('closed', call=number))
	key = new_key()
	tap.equal('a peer may change its key', asks(phone, dialog, with_sdp(dialog, lines=crypto(key))), 200)
	dialog.wrap = Srtp(SUITE, key).wrap
	tap.check('and is heard with it', both(0.5))    # the first packets still had the old one
	tap.equal('another cipher in mid-call is refused', asks(phone, dialog, with_sdp(dialog, lines=crypto(new_key('AEAD_AES_128_GCM'), 'AEAD_AES_128_GCM'))), 488)
	phone.do('hangup', call=number)


def held_by_address(phone, peer):
	"""c=0.0.0.0 is a hold of old: nothing is sent there, which would be this machine."""
	call = phone.dial(peer.uri('answer-0'), line='clear')
	dialog = peer.wait_dialog(call['sip'])
	dialog.heard.listen(0.1)
	sdp = dialog.sdp().replace(f'c=IN IP4 {peer.ip}', 'c=IN IP4 0.0.0.0')
	tap.equal('c=0.0.0.0 is taken', asks(phone, dialog, sdp), 200)
	tap.check('as a hold', comes_about(lambda: phone.matching('media', call=call['call'])[-1]['theirs'] == 'recvonly'),
		  phone.matching('media', call=call['call']))
	tap.check('and nothing is sent', dialog.heard.falls_silent())
	for address in ('224.0.0.1', '255.255.255.255'):
		tap.equal(f'{address} is taken', asks(phone, dialog, dialog.sdp().replace(f'c=IN IP4 {peer.ip}', f'c=IN IP4 {address}')), 200)
		tap.check(f'and nothing goes to {address}', dialog.heard.is_silent(0.3))
	phone.do('hangup', call=call['call'])


def incoming(phone, peer):
	"""Offers to us."""
	dialog = peer.prepare(f'sip:sec@{phone.host}', (phone.ip, phone.port))
	extra = dict(extra='Content-Type: application/sdp\r\n', body=with_sdp(dialog), cseq=1, branch=dialog.branch + ';maddr=127.0.0.99')
	before = phone.count('unacceptable')
	dialog.request('INVITE', **extra)
	told = phone.wait('unacceptable', nth=before + 1)
	tap.equal('who wants the refusal sent elsewhere is not taken for that one', told['source'], f'{peer.ip}:{peer.port}')
	dialog.request('INVITE', **extra)
	phone.do('list')
	tap.equal('sent again, it is told once', phone.count('unacceptable'), before + 1)
	for what, lines in (('without a key', ''), ('with a short key', f'a=crypto:1 {SUITE} inline:QUJD\r\n')):
		before = phone.count('unacceptable')
		dialog = peer.prepare(f'sip:sec@{phone.host}', (phone.ip, phone.port))
		dialog.body = with_sdp(dialog, lines=lines)
		peer.place(dialog).wait('refused 488')
		told = phone.wait('unacceptable', nth=before + 1)
		tap.check(f'an INVITE {what} is refused, and told', 'key' in told.get('reason', ''), told)


def fingerprints(phone, peer):
	"""DTLS: the certificate that SDP named at first is the one that counts."""
	number, dialog = asked(phone, peer, 'dtls')
	print_of = lambda byte: 'a=setup:passive\r\na=fingerprint:SHA-256 ' + ':'.join([byte] * 32) + '\r\n'
	answer = lambda lines: with_sdp(dialog, 'UDP/TLS/RTP/SAVPF', lines)
	dialog.respond(200, 'OK', body=answer(print_of('AB')))
	phone.wait('up', call=number)
	tap.equal('the same fingerprint in a change', asks(phone, dialog, answer(print_of('ab'))), 200)
	for what, sdp in (('another fingerprint', answer(print_of('CD'))), ('none', answer('')), ('sound in the clear', with_sdp(dialog, 'RTP/AVP'))):
		tap.equal(f'{what} in mid-call is refused', asks(phone, dialog, sdp), 488)
	tap.check('no sound leaves before the handshake, and no lock is told', silent(dialog) and not phone.count('encrypted', call=number))
	phone.do('hangup', call=number)


def never_a_key(phone, peer):
	"""Our offer stands in the 200; the ACK brings no answer."""
	before = phone.count('incoming')
	dialog = peer.prepare(f'sip:sec@{phone.host}', (phone.ip, phone.port))
	dialog.request('INVITE', branch=dialog.branch)
	number = phone.wait('incoming', nth=before + 1)['call']
	phone.do('answer', call=number)
	phone.wait('up', call=number)
	return number


@tap.main
def test():
	peer = Peer(loopback(), tone=1000)
	with Phone(modules=MODULES) as phone, Phone(modules=MODULES) as waiting:
		sound, _ = Sound(phone.audio), Sound(waiting.audio)
		waiting.line('sec', mediaenc='srtp-mand')
		mute = never_a_key(waiting, Peer(loopback()))
		phone.line('sec', mediaenc='srtp-mand')
		phone.line('clear')
		phone.line('dtls', mediaenc='dtls_srtp')
		first_answers(phone, peer)
		early_in_the_clear(phone, peer, sound)
		mid_call(phone, peer, sound)
		held_by_address(phone, peer)
		fingerprints(phone, peer)
		incoming(phone, peer)
		closed = waiting.wait('closed', call=mute, timeout=12)
		tap.check('a call without keys ends', closed['by'] == 'error' and 'no keys' in closed['reason'], closed)
		tap.equal('both end with 0', (phone.end(), waiting.end()), (0, 0))
