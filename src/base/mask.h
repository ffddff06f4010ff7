/* mask.h - SIP messages for people to read, without what is secret in them. */
#pragma once
#include <stddef.h>

/*
 * A copy of the message, valid UTF-8, in which stand "***" for: digest responses and Basic credentials (RFC 7616, RFC
 * 7617), a password in a SIP address, the keys of SDES (RFC 4568) and the password of ICE (RFC 8839), digits of DTMF in
 * an INFO. The rest is as it was, but for control characters other than newlines.  The caller frees it.
 */
char *mask_sip(const char *message, size_t len);
