#!/usr/bin/python3
"""Signalling and media over IPv6: calls out and in, hold, digits, transfer, a shown number, strangers."""
import socket

from rig import Phone, Sound, eventually, free_port
from peer import Peer, parse
import tap


def both_hear(what, sound, slot, dialog):
	tap.check(f'{what}: both hear', sound.heard[slot].has(dialog.freq) and dialog.heard.has(sound.TONES[slot]))


def call_out(phone, sound, peer):
	shown = f'sip:+14155550100@{peer.host}:{peer.port}'
	call = phone.do('dial', line='a', to=peer.uri('answer-0'), **{'from': shown, 'identity': 'pai'})
	phone.wait('up', call=call['call'])
	dialog = peer.wait_dialog(call['sip'])
	_, headers, _ = parse(peer.received('^INVITE')[-1])
	tap.equal('a number is shown with an IPv6 address', headers['p-asserted-identity'], [f'<{shown}>'])
	both_hear('call out', sound, call['slot'], dialog)
	phone.do('hold', call=call['call'])
	dialog.wait_direction('sendonly', 'inactive')
	tap.check('held, the far end hears nothing', dialog.heard.falls_silent())
	phone.do('resume', call=call['call'])
	dialog.wait_direction('sendrecv')
	both_hear('after it', sound, call['slot'], dialog)
	for how in ('rtp', 'info'):
		eventually(lambda: phone.ask('dtmf', call=call['call'], digits='4#', how=how)['ok'], what='room for digits')
		eventually(lambda: dialog.digits == '4#' and (how == 'rtp' or len(dialog.infos) == 2), what='digits')
	tap.check('digits arrive by RTP and by INFO', True)
	return call['call'], dialog


def call_in(phone, sound, peer):
	dialog = peer.call(phone)
	incoming = phone.wait('incoming')
	tap.equal('a call in tells its source', incoming['source'], f'[::1]:{peer.port}')
	phone.do('answer', call=incoming['call'])
	phone.wait('up', call=incoming['call'])
	both_hear('call in', sound, incoming['slot'], dialog)
	dialog.reinvite('sendonly')
	phone.wait('media', call=incoming['call'], theirs='recvonly')
	dialog.reinvite('sendrecv')
	phone.wait('media', nth=2, call=incoming['call'], theirs='sendrecv')
	both_hear('held by the far end and back', sound, incoming['slot'], dialog)
	return incoming['call'], dialog


def stranger(phone, sound, call, dialog):
	with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as mallory:
		mallory.bind(('::1', 0))
		for _ in range(20):
			mallory.sendto(dialog.packet(2100, 1), dialog.phone_rtp)
		tap.check('a stranger is told', phone.wait('foreign', call=call)['source'] == f'[::1]:{mallory.getsockname()[1]}')


@tap.main
def test():
	near, far = Peer('::1', free_port('::1'), user='answer-0', tone=1000), Peer('::1', free_port('::1'), user='answer-0', tone=1290)
	with Phone(address=('[::1]', free_port('::1')), interface='::1', listen='[::1]') as phone:
		sound = Sound(phone.audio)
		phone.line()
		out, first = call_out(phone, sound, near)
		stranger(phone, sound, out, first)
		inward, second = call_in(phone, sound, far)
		phone.do('transfer_to', call=out, **{'with': inward})
		ends = phone.wait('closed', call=out)['by'], phone.wait('closed', call=inward)['by']
		tap.equal('an attended transfer joins the two', (ends, first.followed.state), (('transfer', 'peer'), 'up'))
		tap.equal('no leg left unordered', phone.count('unordered'), 0)
		tap.equal('it ends with 0', phone.end(), 0)
