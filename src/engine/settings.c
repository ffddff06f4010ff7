/* settings.c - the table of settings; spctl.conf(5) is held to it by a test. */
#include "settings.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../proto/method.h"

const struct conf_key settings_keys[] = {
	{"console.*", CONF_ELSEWHERE, 0, 0, NULL, NULL, "What begins so is for the console."},
	{"engine.linger_seconds", CONF_INT, 0, 86400, NULL, "60",
	 "How long a private engine stays when no client is connected and nobody is logged in."},
	{"key.*", CONF_ELSEWHERE, 0, 0, NULL, NULL, "What begins so is for the console's keys."},
	{"log.areas", CONF_TEXT, 1, 500, NULL, NULL,
	 "The most that is logged of some areas, AREA=LEVEL with commas between, such as phone=debug,call=warn."},
	{"log.level", CONF_CHOICE, 0, 0, "error|warn|info|debug", "info", "The most that is logged."},
	{"recording.consent_table", CONF_PATH, 1, 4096, NULL, NULL,
	 "The table of the states that need all parties' consent to a recording, instead of the one that comes with "
	 "spctl."},
	{"sip.address", CONF_TEXT, 1, 64, NULL, "auto",
	 "The IP address that phones listen on and send from; auto asks the kernel which one reaches the registrar."},
	{"sip.dns", CONF_TEXT, 1, 256, NULL, "auto",
	 "The name servers that phones ask for a registrar's SRV and address records, ADDRESS[:PORT], by commas; auto "
	 "takes the system's."},
	{"sip.rtp_ports", CONF_TEXT, 3, 11, NULL, "16384-32767", "The UDP ports for media, FIRST-LAST."},
	{"sound.device", CONF_TEXT, 1, 128, NULL, "auto",
	 "The sound card by its ALSA name; auto takes ALSA's default where there is one, none does without."},
};
const size_t settings_count = sizeof(settings_keys) / sizeof(settings_keys[0]);

static bool is_address(int family, const char *text)
{
	struct in6_addr address;            /* has room for one of either family */

	return inet_pton(family, text, &address) == 1;
}

static bool is_any_address(const char *text)
{
	return !strcmp(text, "auto") || is_address(AF_INET, text) || is_address(AF_INET6, text);
}

/* "192.0.2.1", "192.0.2.1:53", "[2001:db8::1]:53", cut apart in place. */
static bool is_server(char *text)
{
	char *port = strrchr(text, ':');
	long long number;

	if (port) {
		*port++ = '\0';
		if (!str_int(port, 1, 65535, &number))
			return false;
	}
	if (text[0] != '[')
		return is_address(AF_INET, text);
	if (!port || text[strlen(text) - 1] != ']')
		return false;
	text[strlen(text) - 1] = '\0';
	return is_address(AF_INET6, text + 1);
}

static bool are_servers(const char *list)
{
	char *copy = xstrdup(list), *rest = copy, *one;
	bool good = true;

	while ((one = strsep(&rest, ", ")))
		good = good && (!*one || is_server(one));
	free(copy);
	return !strcmp(list, "auto") || (good && list[strspn(list, ", ")]);
}

static bool is_range(const char *text)
{
	char *first = xstrndup(text, strcspn(text, "-"));
	long long from, to;
	const bool good = text[strlen(first)] && str_int(first, 1, 65535, &from) &&
		str_int(text + strlen(first) + 1, from + 1, 65535, &to);

	free(first);
	return good;
}

/* What the table cannot say of a value. */
static const struct {
	const char *key;
	bool (*fits)(const char *);
	const char *must;
} checks[] = {
	{"sip.address", is_any_address, "auto or an IP address"},
	{"sip.dns", are_servers, "auto, or name servers such as 192.0.2.1, 192.0.2.2:5353 or [2001:db8::1]:53"},
	{"sip.rtp_ports", is_range, "FIRST-LAST, such as 16384-32767"},
};

static int check_values(const struct conf *conf, const struct home *home, struct err *err)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (!checks[i].fits(conf_text(conf, checks[i].key)))
			return err_set(err, ERR_CONFIG, "%s, line %d: \"%s\" is \"%s\": it must be %s", home->conf,
				conf_line(conf, checks[i].key), checks[i].key, conf_text(conf, checks[i].key),
				checks[i].must);
	return 0;
}

int settings_read(struct conf *conf, const struct home *home, struct err *err)
{
	int status = conf_read(conf, settings_keys, settings_count, home->conf, err);
	const char *areas = status ? NULL : conf_text(conf, "log.areas");

	if (areas && log_limits(areas, LOG_AREAS, false, err) < 0) {
		err_prefix(err, "%s:%d: log.areas", home->conf, conf_line(conf, "log.areas"));
		status = err->code = ERR_CONFIG;
	}
	return status ? status : check_values(conf, home, err);
}
