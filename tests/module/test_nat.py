#!/usr/bin/python3
"""Media through NAT: STUN, TURN and ICE with servers that answer, and with one that is silent, which holds up no call;
sound flows both ways between two phones with ICE, and with a peer that has none.

ICE leaves addresses of 127.0.0.0/8 out: the test has a network of its own with others.
"""
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile

from rig import PATIENCE, Phone, Sound, eventually
from peer import Peer
from servers import StunServer
import tap

HERE, THERE, PEER, SERVER = '10.99.0.1', '10.99.0.2', '10.99.0.3', '10.99.0.9'


def phone(ip, kind):
	return Phone(modules=('g711', 'alsa', 'srtp', 'dtls_srtp', kind), address=(ip, 5060))


def call(near, far, to):
	before = far.count('incoming')
	placed = near.do('dial', line='a', to=to)
	incoming = far.wait('incoming', nth=before + 1)
	far.do('answer', call=incoming['call'])
	near.wait('up', call=placed['call'])
	return placed, incoming


def both_hear(name, near_sound, far_sound, placed, incoming):
	tap.check(f'{name}: both hear', near_sound.heard[placed['slot']].has(far_sound.tones[incoming['slot']], skip=0.6)
		  and far_sound.heard[incoming['slot']].has(near_sound.tones[placed['slot']]))


def between_two(kind, server, **members):
	"""Two phones of which each finds its address by the server."""
	with phone(HERE, kind) as near, phone(THERE, kind) as far:
		near_sound, far_sound = Sound(near.audio), Sound(far.audio, tones=(1000, 1100))
		for p in (near, far):
			p.line('a', nat=kind, nat_server=server, **members)
			event = p.wait('nat')
			tap.check(f'{kind}: the server answers', event['ok'] and event['server'] == server, event)
		placed, incoming = call(near, far, f'sip:a@{THERE}')
		both_hear(kind, near_sound, far_sound, placed, incoming)
		tap.equal(f'{kind}: nothing left unordered', near.count('unordered'), 0)
		near.do('hold', call=placed['call'])
		eventually(far_sound.heard[incoming['slot']].is_silent, what='silence')
		near.do('resume', call=placed['call'])
		both_hear(f'{kind}, after a hold', near_sound, far_sound, placed, incoming)
		near.do('hangup', call=placed['call'])
		far.wait('closed', call=incoming['call'])


def encrypted(name, server):
	with phone(HERE, 'ice') as near, phone(THERE, 'ice') as far:
		near_sound, far_sound = Sound(near.audio), Sound(far.audio, tones=(1000, 1100))
		for p in (near, far):
			p.line('a', nat='ice', nat_server=server, mediaenc=name)
			p.wait('nat')
		placed, incoming = call(near, far, f'sip:a@{THERE}')
		near.wait('encrypted', call=placed['call'])
		both_hear(f'ice with {name}', near_sound, far_sound, placed, incoming)


def plain_peer(kind, server, peer):
	with phone(HERE, kind) as near:
		sound = Sound(near.audio)
		near.line('a', nat=kind, nat_server=server)
		near.wait('nat')
		placed = near.dial(peer.uri('answer-0'))
		dialog = peer.wait_dialog(placed['sip'] or eventually(lambda: peer.dialogs and list(peer.dialogs)[-1]))
		tap.check(f'{kind} with a peer that has none: both hear', sound.heard[placed['slot']].has(peer.tone, skip=0.3)
			  and dialog.heard.has(sound.TONES[placed['slot']]))
		near.do('hangup', call=placed['call'])
		dialog.wait('ended')
		ringing = peer.call(near, line='a')
		event = near.wait('incoming')
		near.do('answer', call=event['call'])
		near.wait('up', call=event['call'])
		tap.check(f'{kind}, called by such a peer: both hear', sound.heard[event['slot']].has(peer.tone, skip=0.3)
			  and ringing.heard.has(sound.TONES[event['slot']]))


def at_once(kind, stun, peer):
	"""Two call before the server has answered for either: each is told as what it is."""
	other = Peer('10.99.0.4', tone=1290)
	with phone(HERE, kind) as near:
		sound = Sound(near.audio)
		near.line('a', nat=kind, nat_server=stun.uri)
		near.wait('nat')
		stun.held = []
		dialogs = [p.call(near, line='a') for p in (peer, other)]
		eventually(lambda: len({port for _, _, port in stun.held}) >= 4, what='questions for both calls')
		stun.release()
		events = [near.wait('incoming', sip=d.call_id) for d in dialogs]
		tap.equal(f'{kind}: two who call at once have each its own source', [e['source'].split(':')[0] for e in events], [peer.ip, other.ip])
		for event in events:
			near.do('answer', call=event['call'])
			near.wait('up', call=event['call'])
		tap.check(f'{kind}: and its own sound', all(sound.heard[e['slot']].has(p.tone, skip=0.3) for e, p in zip(events, (peer, other))))
		for event in events:
			near.do('dtmf', call=event['call'], digits=str(event['slot']), how='info')
		for dialog, event in zip(dialogs, events):
			eventually(lambda: dialog.infos, what='a digit by INFO')
		tap.equal(f'{kind}: digits go to the call that they are for', [[f'Signal={e["slot"]}' in body for _, body in d.infos]
			for d, e in zip(dialogs, events)], [[True], [True]])
		figures = [near.do('stats', call=e['call'])['rx_jitter_us'] for e in events]
		tap.check(f'{kind}: both are watched', None not in figures, figures)


def silent(kind, peer):
	stun = StunServer(SERVER)
	stun.silent = True
	with phone(HERE, kind) as near:
		sound = Sound(near.audio)
		near.line('a', nat=kind, nat_server=stun.uri)
		placed = near.dial(peer.uri('answer-0'))
		tap.check(f'{kind}: sound goes without it', sound.heard[placed['slot']].has(peer.tone))
		event = near.wait('nat')
		up = near.wait('up', call=placed['call'])
		tap.check(f'{kind}: a silent server holds no call up', near.events.index(up) < near.events.index(event), near.events)
		tap.equal(f'{kind}: that it is silent is told', (event['ok'], event['server'], event['reason']), (False, stun.uri, 'no answer'))
		stun.silent = False
		event = near.wait('nat', nth=2)
		tap.check(f'{kind}: and that it is back', event['ok'], event)


def wrong():
	with Phone() as p:
		sentence = p.refused('line_create', line='a', aor=f'sip:a@{p.ip}', nat='ice')
		tap.check('ice without its module is refused', 'its module is not loaded' in sentence, sentence)
	with Phone(modules=('g711', 'alsa', 'stun')) as p:
		sentence = p.refused('line_create', line='a', aor=f'sip:a@{p.ip}', nat='stun')
		tap.check('stun without a server is refused', 'there is no "nat_server"' in sentence, sentence)


class Turn:
	"""coturn."""

	def __init__(self):
		self.folder = tempfile.mkdtemp(prefix='spctl-turn-')
		log = open(os.path.join(self.folder, 'log'), 'wb')
		self.process = subprocess.Popen(
			['turnserver', '-n', '-L', SERVER, '-E', SERVER, '-p', '3478', '--no-tls', '--no-dtls', '--no-cli', '-a', '-u', 'anna:secret',
			 '-r', 'pbx.test', '--allow-loopback-peers', '--min-port', '40000', '--max-port', '40100', '-l', 'stdout', '--pidfile',
			 os.path.join(self.folder, 'pid'), '-b', os.path.join(self.folder, 'db')], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder)
		eventually(self._listens, what='turnserver')

	@staticmethod
	def _listens():
		with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
			probe.settimeout(0.2)
			probe.sendto(b'\0\1\0\0\x21\x12\xa4\x42' + b'x' * 12, (SERVER, 3478))
			try:
				return probe.recv(2048)
			except OSError:
				return None

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.process.terminate()
		self.process.wait(PATIENCE)
		shutil.rmtree(self.folder, ignore_errors=True)


def relayed():
	"""Both ends let the server carry their sound."""
	with Turn():
		between_two('turn', f'turn:{SERVER}:3478', nat_user='anna', nat_password='secret')
		peer = Peer('10.99.0.4', tone=1000)
		with phone(HERE, 'turn') as near:
			Sound(near.audio)
			near.line('a', nat='turn', nat_server=f'turn:{SERVER}:3478', nat_user='anna', nat_password='secret')
			near.wait('nat')
			near.dial(peer.uri('answer-0'))
			offer = peer.wait_message('^INVITE')
			tap.equal('turn: SDP names the server', re.findall(r'c=IN IP4 (\S+)', offer)[-1], SERVER)
		with phone(HERE, 'turn') as near:
			near.line('a', nat='turn', nat_server=f'turn:{SERVER}:3478', nat_user='anna', nat_password='wrong')
			near.wait('nat')
			placed = near.do('dial', line='a', to=peer.uri('answer-0'))
			event = near.wait('closed', call=placed['call'])
			tap.check('turn: a wrong password ends the call, in words', '401' in str(event['code']) + event['reason'], event)


def with_servers(kind):
	stun, peer = StunServer(SERVER), Peer(PEER, tone=1000)
	between_two(kind, stun.uri)
	plain_peer(kind, stun.uri, peer)
	at_once(kind, stun, peer)
	silent(kind, peer)


def ice_encrypted():
	stun = StunServer(SERVER)
	for name in ('srtp-mand', 'dtls_srtp'):
		encrypted(name, stun.uri)


PARTS = {'wrong': wrong, 'stun': lambda: with_servers('stun'), 'ice': lambda: with_servers('ice'), 'encrypted': ice_encrypted}
if shutil.which('turnserver'):
	PARTS['turn'] = relayed


def part(name):
	"""One part, in this process, whose network is its own."""
	subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
	for ip in (HERE, THERE, PEER, SERVER, '10.99.0.4'):
		subprocess.run(['ip', 'addr', 'add', ip + '/24', 'dev', 'lo'], check=True)
	with tap.guard(name):
		PARTS[name]()


def all_parts():
	"""Each part in a process and a network of its own, all at once: they mostly wait."""
	own = ['unshare', '-n'] if os.geteuid() == 0 else ['unshare', '-rn']
	if not shutil.which('ip') or subprocess.run(own + ['true'], stderr=subprocess.DEVNULL).returncode:
		tap.skip('media through NAT', 'no network of its own can be had here')
		return
	if 'turn' not in PARTS:
		tap.skip('TURN', 'coturn is not installed')
	running = [subprocess.Popen(own + [sys.executable, os.path.abspath(__file__), name], stdout=subprocess.PIPE, text=True)
		   for name in PARTS]
	for process in running:
		said, _ = process.communicate()
		for line, detail in re.findall(r'^((?:not )?ok) \d+ - (.*(?:\n#.*)*)', said, re.M):
			name, _, why = detail.partition('\n')
			tap.check(name, line == 'ok', why.replace('# ', ''))
		if process.returncode not in (0, 1) or '1..' not in said:
			tap.check('each part runs to its end', False, said[-2000:])


@tap.main
def test():
	if sys.argv[1:]:
		part(sys.argv[1])
	else:
		all_parts()
