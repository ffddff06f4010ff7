#!/usr/bin/python3
"""The machine's address changes under two calls, one of them held: the line registers again and both calls move."""
import os
import re
import shutil
import subprocess
import sys

from rig import Phone, Sound, eventually
from peer import Peer
import tap

BEFORE, AFTER, PEER = '127.0.0.40', '127.0.0.47', '127.0.0.41'


def ip(*words):
	subprocess.run(['ip', *words], check=True)


def moves(phone, sound, peer):
	call, held = phone.dial(peer.uri('answer-0')), phone.dial(peer.uri('answer-0-1290'))
	dialog, held_dialog = peer.wait_dialog(call['sip']), peer.wait_dialog(held['sip'])
	phone.do('hold', call=held['call'])
	held_dialog.wait_direction('sendonly', 'inactive')
	tap.equal('sound comes from the first address', dialog.rtp_to[0], BEFORE)
	ip('addr', 'del', BEFORE + '/8', 'dev', 'lo')
	ip('addr', 'add', AFTER + '/8', 'dev', 'lo')
	tap.equal('the new address is told', phone.wait('network', timeout=15)['address'], AFTER)
	phone.wait('registered', nth=2)
	registers = [m for m in peer.received('^REGISTER') if AFTER in re.search('Contact: (.*)', m)[1]]
	tap.check('and registered', registers)
	eventually(lambda: dialog.rtp_to[0] == AFTER and held_dialog.rtp_to[0] == AFTER, what='both calls to move')
	tap.check('both hear again', sound.heard[call['slot']].has(dialog.freq)
		  and dialog.heard.has(sound.TONES[call['slot']]))
	tap.check('the held call stays held', held_dialog.direction in ('sendonly', 'inactive'))
	phone.do('resume', call=held['call'])
	held_dialog.wait_direction('sendrecv')
	tap.check('until it is resumed', held_dialog.heard.has(sound.TONES[held['slot']]))
	phone.do('hangup', call=call['call'])
	dialog.wait('ended')
	tap.equal('BYE reaches the far end', dialog.state, 'ended')


@tap.main
def test():
	if 'in-a-network-of-its-own' not in sys.argv:
		own = ['unshare', '-n'] if os.geteuid() == 0 else ['unshare', '-rn']
		if not shutil.which('ip') or subprocess.run(own + ['true'], stderr=subprocess.DEVNULL).returncode:
			tap.skip('the address changes under two calls', 'no network of its own can be had here')
			return
		os.execvp(own[0], own + [sys.executable, os.path.abspath(__file__), 'in-a-network-of-its-own'])
	ip('link', 'set', 'lo', 'up')
	ip('addr', 'del', '127.0.0.1/8', 'dev', 'lo')
	ip('addr', 'add', BEFORE + '/8', 'dev', 'lo')
	peer = Peer(PEER, tone=1000)
	with Phone(address=(BEFORE, 5060), interface='lo') as phone:
		sound = Sound(phone.audio)
		phone.line('a', f'sip:a@{PEER}', every=600)
		phone.do('register', line='a')
		phone.wait('registered')
		moves(phone, sound, peer)
		tap.equal('it ends with 0', phone.end(), 0)
