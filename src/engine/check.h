/*
 * check.h - what a value from outside must look like.  Each takes the parameter's name for its sentence, answers 0 or
 * ERR_INVALID, and is for a value that was given (never NULL).
 */
#pragma once
#include "../base/err.h"

typedef int (check_h)(const char *field, const char *value, struct err *);

check_h check_line;             /* UTF-8 on one line, no control characters, not blank; method.c limits its length */
check_h check_login;            /* a-z first, then a-z 0-9 . _ -, at most 64 */
check_h check_code;             /* a disposition's: a-z 0-9 _ -, at most 64 */
check_h check_os_user;          /* an account's name: no blanks, colons, slashes or control characters */
check_h check_password;         /* at most 256 bytes, no control characters */
check_h check_country;          /* a calling code: 1 to 3 digits, the first not 0 */
check_h check_timezone;
check_h check_hours;
check_h check_state;            /* the postal code of a state of the US or a province of Canada, in either case */
check_h check_date;             /* YYYY-MM-DD in the calendar */
check_h check_readable_file;    /* an absolute path */
check_h check_sound_file;       /* the same, of a WAV file */

/* SIP (RFC 3261 section 25.1): an address is put into headers and into a child's settings, so that only a whitelist
 * passes: letters, digits and -_.!~*()&=+$/ before the @; a host name, an IPv4 address or an [IPv6] one behind it; a
 * port. */
check_h check_sip_uri;          /* sip:USER@HOST[:PORT] */
check_h check_sip_server;       /* sip:HOST[:PORT] */
check_h check_dial_prefix;      /* as check_sip_uri, with exactly one %s in USER, where the number goes */
check_h check_nat_server;       /* stun:HOST[:PORT] or turn:HOST[:PORT] (RFC 7064, RFC 7065) */
check_h check_auth_user;        /* a digest user name: the characters of USER and @ */

/* One of "a|b|c". */
int check_choice(const char *field, const char *value, const char *choices, struct err *);
/* A list of codecs as people write it, "pcmu, g722", in the spelling of SDP, "PCMU,G722"; each once.  The caller
 * frees *out. */
int check_codecs(const char *field, const char *value, char **out, struct err *);

/* A list of SIP servers as people write it, "sip:a, sip:b", without the blanks; each once, 8 at most.  The caller frees
 * *out. */
int check_sip_servers(const char *field, const char *value, char **out, struct err *);

/* A value for a sentence: at most 60 bytes, control characters as '?'. */
enum { SHOWN_SIZE = 68 };
const char *shown(const char *value, char out[SHOWN_SIZE]);
