#!/usr/bin/python3
"""guard.so by itself: each of its functions before libre's, in a program that does what baresip does (guard_probe.c)."""
import os
import re
import subprocess
import tempfile

from rig import HERE, LIB, ROOT, is_sanitized, preloads
import tap


@tap.main
def test():
	with tempfile.TemporaryDirectory(prefix='spctl-guard-') as folder:
		probe = os.path.join(folder, 'probe')
		subprocess.run(['gcc', '-std=gnu11', '-isystem', '/usr/include/re', '-DHAVE_INET6', '-DHAVE_STDBOOL_H', '-DHAVE_INTTYPES_H',
			'-DUSE_TLS', '-DUSE_OPENSSL', '-Wno-format-security', '-I' + os.path.join(ROOT, 'src'), '-o', probe,
			os.path.join(HERE, 'guard_probe.c'), os.path.join(LIB, 'guard.so'), '-lre', '-lssl', '-lcrypto', '-lm'], check=True)
		env = dict(os.environ, LD_PRELOAD=' '.join(preloads()))
		if is_sanitized(os.path.join(LIB, 'guard.so')):
			env['ASAN_OPTIONS'] = 'detect_leaks=0'
		ran = subprocess.run([probe], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
	found = re.findall(r'^((?:not )?ok) \d+ - (.*)$', ran.stdout, re.M)
	for result, name in found:
		tap.check(name, result == 'ok')
	tap.check('it ran to its end', f'1..{len(found)}' in ran.stdout and ran.returncode in (0, 1), ran.stdout + ran.stderr)
