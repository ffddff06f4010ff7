"""srtp.py - SRTP for a peer, by libre: the far end of a call with SDES keys."""
import base64
import ctypes
import os

RE = ctypes.CDLL('libre.so.0') if os.path.exists('/usr/lib/x86_64-linux-gnu/libre.so.0') else ctypes.CDLL('libre.so')
SUITES = {'AES_CM_128_HMAC_SHA1_32': (0, 30), 'AES_CM_128_HMAC_SHA1_80': (1, 30), 'AEAD_AES_128_GCM': (4, 28), 'AEAD_AES_256_GCM': (5, 44)}


class Mbuf(ctypes.Structure):
	_fields_ = [('buf', ctypes.POINTER(ctypes.c_uint8)), ('size', ctypes.c_size_t), ('pos', ctypes.c_size_t), ('end', ctypes.c_size_t)]


RE.mbuf_alloc.restype = ctypes.POINTER(Mbuf)
RE.mem_deref.argtypes = [ctypes.c_void_p]


class Srtp:
	"""One direction."""

	def __init__(self, suite, key):
		number, size = SUITES[suite]
		assert len(key) == size
		self._context = ctypes.c_void_p()
		assert RE.srtp_alloc(ctypes.byref(self._context), number, key, ctypes.c_size_t(size), 0) == 0

	def _turn(self, function, packet):
		mb = RE.mbuf_alloc(ctypes.c_size_t(len(packet) + 64))
		RE.mbuf_write_mem(mb, packet, ctypes.c_size_t(len(packet)))
		mb.contents.pos = 0
		failed = function(self._context, mb)
		out = b'' if failed else ctypes.string_at(mb.contents.buf, mb.contents.end)
		RE.mem_deref(mb)
		return out

	def wrap(self, packet):
		return self._turn(RE.srtp_encrypt, packet)

	def unwrap(self, packet):
		"""The packet in the clear, or nothing where the key does not fit."""
		return self._turn(RE.srtp_decrypt, packet)


def new_key(suite='AES_CM_128_HMAC_SHA1_80'):
	return os.urandom(SUITES[suite][1])


def crypto(key, suite='AES_CM_128_HMAC_SHA1_80', more=''):
	"""The line of SDP."""
	return f'a=crypto:1 {suite} inline:{base64.b64encode(key).decode()}{more}\r\n'
