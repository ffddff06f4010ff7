/* mask.c - see mask.h.  What might be secret is masked wherever it stands: a header may be folded, or spelt oddly. */
#include "mask.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "str.h"
#include "utf8.h"

/* What stands before a secret, in any case of letters, and the characters at which that ends. */
static const struct { const char *before; bool equals; const char *ends;
} secrets[] = {
	{"response", true, ",; \t\n"},
	{"rspauth", true, ",; \t\n"},
	{"basic ", false, ", \t\n"},
	{"inline:", false, " \t|\n"},
	{"ice-pwd:", false, " \t\n"},
	{"signal", true, " \t\n"},
};

/* Between a name and its value: blanks (also a fold), and "=" where there must be one.  False when it is not there. */
static bool gap(const char *s, bool equals, size_t *len)
{
	*len = strspn(s, " \t\n");
	if (!equals)
		return true;
	if (s[*len] != '=')
		return false;
	*len += 1 + strspn(s + *len + 1, " \t\n");
	return true;
}

/* Length of the secret at s: a quoted text, or up to one of the ends. */
static size_t secret_len(const char *s, const char *ends)
{
	size_t len = 1;

	if (*s != '"')
		return strcspn(s, ends);
	while (s[len] && s[len] != '"')
		len += s[len] == '\\' && s[len + 1] ? 2 : 1;
	return s[len] ? len + 1 : len;
}

/* Finds a secret that s begins with the name of: how many characters stand before it; 0: there is none. */
typedef size_t (find_h)(const char *s, size_t *len);

/* sip:USER:PASSWORD@ */
static size_t find_password(const char *s, size_t *len)
{
	const size_t scheme = strncasecmp(s, "sips:", 5) ? strncasecmp(s, "sip:", 4) ? 0 : 4 : 5;
	const size_t user = scheme ? strcspn(s + scheme, ":@<> \t\n\"") : 0;

	if (!scheme || s[scheme + user] != ':')
		return 0;
	*len = strcspn(s + scheme + user + 1, "@<> \t\n\"");
	return s[scheme + user + 1 + *len] == '@' ? scheme + user + 1 : 0;
}

static size_t find_secret(const char *s, size_t *len)
{
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		const size_t name = strlen(secrets[i].before);
		size_t between;

		if (strncasecmp(s, secrets[i].before, name) || !gap(s + name, secrets[i].equals, &between))
			continue;
		*len = secret_len(s + name + between, secrets[i].ends);
		return name + between;
	}
	return 0;
}

/* Takes the text over. */
static char *mask(char *text, find_h *find)
{
	struct str out = {0};

	for (const char *s = text; *s; ) {
		size_t len = 0, before = find(s, &len);

		str_addn(&out, s, before ? before : 1);
		str_add(&out, before && len ? "***" : "");
		s += before ? before + len : 1;
	}
	free(text);
	return str_take(&out);
}

char *mask_sip(const char *message, size_t len)
{
	struct str lines = {0};
	char *text;

	for (size_t i = 0; i < len; i++)
		if (message[i] != '\r' || i + 1 == len || message[i + 1] != '\n')
			str_addn(&lines, message + i, 1);
	text = utf8_clean(lines.s ? lines.s : "", lines.len, true);
	str_free(&lines);
	return mask(mask(text, find_password), find_secret);
}
