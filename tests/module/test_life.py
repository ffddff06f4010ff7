#!/usr/bin/python3
"""How the phone starts, or refuses to; and how it ends: the engine dies, SIGTERM, an engine that does not read.  Every
call hears BYE, CANCEL or a refusal, the registration is taken back, and it takes less than two seconds."""
import fcntl
import os
import signal
import subprocess
import tempfile
import time

from rig import LIB, PATIENCE, Lateness, Phone, Sound, comes_about, eventually, is_sanitized, loopback, preloads
from peer import Peer, Registrar
import tap


def refuses_to_start(folder):
	def attempt(what, status, sentence, **how):
		with Phone(wait=False, **how) as phone:
			got = phone.process.wait(2 * PATIENCE)
			tap.check(f'{what}: exit {status}', got == status and sentence in phone.log(), f'exit {got}: {phone.log()[-400:]}')

	attempt('no guard', 78, 'guard.so is not preloaded', guard=False)
	attempt('no control', 69, 'SPCTL_CONTROL is not set', control=None)
	attempt('control is not fd:N', 69, 'must be fd:N', control='/tmp/x')
	attempt('control is no socket', 69, 'is not a stream socket', control='fd:9')
	attempt('an unknown baresip', 78, 'neither 1.0.0 nor 1.1.0', env={'LD_PRELOAD': preload_with(folder, 'void bevent_register(void); '
		'void bevent_register(void) {} void uag_call_find(void); void uag_call_find(void) {}')})
	attempt('another object before the guard', 78, 'does not stand before libre', env={'LD_PRELOAD': preload_with(folder,
		'int sip_dialog_update(void); int sip_dialog_update(void) { return 0; }')})


def preload_with(folder, code):
	"""LD_PRELOAD with an object made of that C code, before the guard."""
	path = os.path.join(folder, f'before{len(os.listdir(folder))}.so')
	subprocess.run(['gcc', '-shared', '-fPIC', '-x', 'c', '-o', path, '-'], input=code.encode(), check=True)
	*runtime, guard = preloads()
	return ' '.join(runtime + [path, guard])


def start_busy(registrar):
	"""A registered phone with a call in each state, and the peer's sides of them."""
	phone = Phone()
	Sound(phone.audio)
	phone.line('a', f'sip:ext@{registrar.ip}', user='200', password=registrar.password, every=60)
	phone.do('register', line='a')
	phone.wait('registered')
	up, held = phone.dial(registrar.uri('answer-0')), phone.dial(registrar.uri('answer-0'))
	rings, early = (phone.do('dial', line='a', to=registrar.uri(does)) for does in ('ring', 'early-60000'))
	phone.wait('ringing', call=rings['call'])
	phone.wait('early', call=early['call'])
	dialogs = [registrar.wait_dialog(call['sip']) for call in (up, held, rings, early)]
	phone.do('hold', call=held['call'])
	dialogs[1].wait_direction('sendonly', 'inactive')
	caller = registrar.call(phone, line='ext')
	phone.wait('incoming')
	caller.wait('ringing')
	return phone, dialogs + [caller]


def ends_well(what, phone, registrar, dialogs, started, machine):
	status = phone.process.wait(2 * PATIENCE)
	took, late = time.time() - started, machine.late_s()
	wanted = ['ended'] * 4 + ['refused 486']
	states = lambda: [d.state for d in dialogs]
	tap.check(f'{what}: every call is ended', comes_about(lambda: states() == wanted), states())
	tap.check(f'{what}: the registration is taken back', comes_about(lambda: registrar.registrations[-1] == (True, 0)),
		  registrar.registrations[-3:])
	tap.check(f'{what}: exit 0 within 2 s', status == 0 and took - late < 2,
		  f'exit {status} after {took:.2f} s, of which the machine kept us waiting for {late:.2f} s')
	tap.note(f'{what}: {took * 1000:.0f} ms')
	phone.stop()


def ends(registrar):
	ways = {'the engine is gone': Phone.close_control, 'quit': quit_phone, 'SIGTERM': terminate,
		'SIGTERM and the engine is gone': lambda phone: phone.close_control() or terminate(phone),
		'a line without end': send_without_end, 'an engine that does not read': flood}
	for what, end in ways.items():
		phone, dialogs = start_busy(registrar)
		with Lateness() as machine:
			started = time.time()
			ends_well(what, phone, registrar, dialogs, end(phone) or started, machine)


def quit_phone(phone):
	phone.do('quit')


def terminate(phone):
	phone.process.send_signal(signal.SIGTERM)


def send_without_end(phone):
	try:
		phone.socket.sendall(b'x' * (2 << 20))
	except OSError:
		pass                            # it has hung up already


def flood(phone):
	"""Sends and does not read, until the phone gives up; gives the time of that, since to answer so much takes a busy
	machine a while."""
	with phone.changed:                     # the rig's reader waits for this lock
		try:
			phone.socket.settimeout(30)
			while phone.alive():
				phone.socket.sendall(b'{"id":1,"do":"list"}\n' * 200)
		except OSError:
			pass
	return time.time()


def nobody_answers():
	"""The peer and the registrar are gone as well: there is nobody to wait for."""
	peer = Peer(loopback())
	phone = Phone()
	phone.line('a', f'sip:a@{peer.ip}', every=60)
	phone.do('register', line='a')
	phone.wait('registered')
	phone.dial(peer.uri('answer-0'))
	peer.deaf = True
	with Lateness() as machine:
		started = time.time()
		phone.close_control()
		status = phone.process.wait(2 * PATIENCE)
		took, late = time.time() - started, machine.late_s()
	tap.check('the engine is gone and nobody answers: exit 0 within 2 s', status == 0 and took - late < 2,
		  f'exit {status} after {took:.2f} s, of which the machine kept us waiting for {late:.2f} s')
	phone.stop()


def line_deleted(registrar):
	phone, dialogs = start_busy(registrar)
	phone.do('line_delete', line='a')
	eventually(lambda: [d.state for d in dialogs] == ['ended'] * 4 + ['refused 486'], what='the calls to end')
	listed = phone.do('list')
	tap.equal('a line that is deleted ends its calls', (listed['lines'], listed['calls']), ([], []))
	tap.equal('each is told', phone.count('closed', by='engine', reason='line deleted'), 5)
	eventually(lambda: registrar.registrations[-1] == (True, 0), what='the end of the registration')
	tap.equal('and the phone lives on', phone.end(), 0)
	phone.stop()


def unread_output(peer):
	"""baresip writes a line for each message; a pipe that nobody reads must not stop it."""
	reader, writer = os.pipe()
	fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
	with Phone(output=writer) as phone:
		os.close(writer)
		phone.line()
		for _ in range(30):
			call = phone.dial(peer.uri('answer-0'))
			phone.do('hangup', call=call['call'])
		tap.equal('30 calls with a pipe that nobody reads', phone.count('up'), 30)
		tap.equal('and it ends with 0', phone.end(), 0)
	os.close(reader)


def many_calls(peer):
	with Phone() as phone:
		Sound(phone.audio)
		phone.line()
		phone.do('list')
		open_files = lambda: len(os.listdir(f'/proc/{phone.process.pid}/fd'))
		idle = open_files()

		def rounds(count):
			for _ in range(count):
				call = phone.dial(peer.uri('answer-0'))
				phone.do('hangup', call=call['call'])
			eventually(lambda: open_files() <= idle, what='the end of the last call')
			return phone.rss_kb(), open_files()

		memory, files = rounds(20)
		later, files_later = rounds(100)
		if is_sanitized(os.path.join(LIB, 'spctl.so')):
			tap.skip('100 calls leave no memory behind', 'the sanitizer keeps what is freed')
		else:
			tap.check('100 calls leave no memory behind', later - memory < 1000, f'{memory} kB, then {later} kB')
		tap.check('nor a file open', files_later <= files, f'{files}, then {files_later}')
		tap.equal('nor a call', phone.do('list')['calls'], [])


@tap.main
def test():
	with tempfile.TemporaryDirectory(prefix='spctl-life-') as folder:
		refuses_to_start(folder)
	registrar = Registrar(loopback(), 'secret')
	ends(registrar)
	nobody_answers()
	line_deleted(registrar)
	unread_output(registrar)
	many_calls(registrar)
