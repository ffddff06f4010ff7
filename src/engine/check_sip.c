/* check_sip.c - SIP addresses from outside: a whitelist, narrower than RFC 3261, since they end up in headers and
 * settings. */
#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/str.h"
#include "check.h"

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
static const char user_characters[] = ALNUM "-_.!~*()&=+$/";

static bool is_label(const char *s, size_t len)
{
	return len >= 1 && len <= 63 && strspn(s, ALNUM "-") >= len && s[0] != '-' && s[len - 1] != '-';
}

/* Dotted digits are an IPv4 address or nothing. */
static bool is_host_name(const char *host)
{
	struct in_addr v4;

	if (host[strspn(host, "0123456789.")] == '\0')
		return inet_pton(AF_INET, host, &v4) == 1;
	if (strlen(host) > 253)
		return false;
	for (;;) {
		size_t len = strcspn(host, ".");
		if (!is_label(host, len))
			return false;
		if (host[len] == '\0')
			return true;
		host += len + 1;
	}
}

static bool is_port(const char *port)
{
	long long n;

	return str_int(port, 1, 65535, &n);
}

/* HOST, HOST:PORT, [IPv6], [IPv6]:PORT */
static bool is_server(const char *text)
{
	struct in6_addr v6;
	char *host = xstrdup(text), *end;
	bool ok;

	if (*host == '[') {
		end = strchr(host, ']');
		ok = end && (end[1] == '\0' || (end[1] == ':' && is_port(end + 2)));
		if (ok) {
			*end = '\0';
			ok = inet_pton(AF_INET6, host + 1, &v6) == 1;
		}
	} else {
		end = strchr(host, ':');
		ok = !end || is_port(end + 1);
		if (end)
			*end = '\0';
		ok = ok && is_host_name(host);
	}
	free(host);
	return ok;
}

/* With template, USER holds one %s, with no digit behind it, which would make another number of the one that was asked
 * for. */
static bool is_address(const char *uri, bool template)
{
	if (!str_starts(uri, "sip:") || strlen(uri) > 512)
		return false;
	const char *user = uri + 4, *at = strchr(user, '@');
	size_t len = at ? (size_t)(at - user) : 0, first = strspn(user, user_characters);

	if (template && first < len && str_starts(user + first, "%s")) {
		first += 2;
		if (user[first] >= '0' && user[first] <= '9')
			return false;
		first += strspn(user + first, user_characters);
		template = false;
	}
	return len > 0 && first == len && !template && is_server(at + 1);
}

static int wrong(const char *field, const char *value, const char *right, struct err *err)
{
	char text[SHOWN_SIZE];

	return err_set(err, ERR_INVALID, "%s: \"%s\" is not %s", field, shown(value, text), right);
}

int check_sip_uri(const char *field, const char *value, struct err *err)
{
	return is_address(value, false)
		? 0
		: wrong(field, value, "a SIP address: write sip:USER@HOST or sip:USER@HOST:PORT", err);
}

int check_sip_server(const char *field, const char *value, struct err *err)
{
	if (str_starts(value, "sip:") && strlen(value) <= 512 && is_server(value + 4))
		return 0;
	return wrong(field, value, "a SIP server: write sip:HOST or sip:HOST:PORT", err);
}

int check_nat_server(const char *field, const char *value, struct err *err)
{
	if ((str_starts(value, "stun:") || str_starts(value, "turn:")) && strlen(value) <= 512 && is_server(value + 5))
		return 0;
	return wrong(field, value, "a STUN or TURN server: write stun:HOST, turn:HOST or either with :PORT", err);
}

static bool is_listed(const char *list, const char *item)
{
	const size_t len = strlen(item);

	for (const char *at = list; at && *at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (strcspn(at, ",") == len && !memcmp(at, item, len))
			return true;
	return false;
}

int check_sip_servers(const char *field, const char *value, char **out, struct err *err)
{
	enum { SERVERS_MAX = 8 };
	struct str list = {0};
	int rc = 0, n = 0;

	for (const char *at = value; at && !rc; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
		char *item;

		at += strspn(at, " ");
		item = xstrndup(at, strcspn(at, ", "));
		rc = check_sip_server(field, item, err);
		if (!rc && (++n > SERVERS_MAX || is_listed(list.s, item)))
			rc = wrong(field, value, "a list of at most 8 SIP servers, each once", err);
		str_addf(&list, "%s%s", list.len ? "," : "", item);
		free(item);
	}
	if (rc)
		str_free(&list);
	else
		*out = str_take(&list);
	return rc;
}

int check_dial_prefix(const char *field, const char *value, struct err *err)
{
	if (is_address(value, true))
		return 0;
	return wrong(field, value,
		"a dial prefix: write sip:%s@HOST or sip:%s@HOST:PORT, with one %s where the number goes and no digit "
		"behind it", err);
}

int check_auth_user(const char *field, const char *value, struct err *err)
{
	if (*value && strlen(value) <= 128 && value[strspn(value, ALNUM "-_.!~*()&=+$/@")] == '\0')
		return 0;
	return wrong(field, value, "a user name: up to 128 letters, digits and -_.!~*()&=+$/@", err);
}
