/* settings.c - the table of settings; spctl.conf(5) is held to it by a test. */
#include "settings.h"
#include "../base/log.h"
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
	 "The table of the states that need all parties' consent to a recording, instead of the one that comes with spctl."},
	{"sip.address", CONF_TEXT, 1, 64, NULL, "auto",
	 "The IP address that phones listen on and send from; auto asks the kernel which one reaches the registrar."},
	{"sip.dns", CONF_TEXT, 1, 256, NULL, "auto",
	 "The name servers that phones ask for a registrar's SRV and address records, ADDRESS[:PORT], by commas; auto takes the system's."},
	{"sip.rtp_ports", CONF_TEXT, 3, 11, NULL, "16384-32767", "The UDP ports for media, FIRST-LAST."},
	{"sound.device", CONF_TEXT, 1, 128, NULL, "auto",
	 "The sound card by its ALSA name; auto takes ALSA's default where there is one, none does without."},
};
const size_t settings_count = sizeof(settings_keys) / sizeof(settings_keys[0]);

int settings_read(struct conf *conf, const struct home *home, struct err *err)
{
	int status = conf_read(conf, settings_keys, settings_count, home->conf, err);
	const char *areas = status ? NULL : conf_text(conf, "log.areas");

	if (areas && log_limits(areas, LOG_AREAS, false, err) < 0) {
		err_prefix(err, "%s:%d: log.areas", home->conf, conf_line(conf, "log.areas"));
		status = err->code = ERR_CONFIG;
	}
	return status;
}
