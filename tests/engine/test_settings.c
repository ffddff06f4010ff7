/* test_settings.c - what spctl.conf may hold, and what is said about what it may not. */
#include "../lib/unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../src/engine/settings.h"

static char path[] = "/tmp/spctl-settings-XXXXXX";

static int read_line(const char *line, struct err *err)
{
	struct home home = {.conf = path};
	struct conf conf;
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fprintf(file, "# a comment\n%s\n", line);
	fclose(file);
	*err = (struct err){0};
	int status = settings_read(&conf, &home, err);
	conf_free(&conf);
	return status;
}

static void good_values(void **state)
{
	static const char *const lines[] = {"", "sip.address = auto", "sip.address = 192.0.2.7", "sip.address = 2001:db8::7",
		"sip.dns = auto", "sip.dns = 192.0.2.1", "sip.dns = 192.0.2.1:5353, 192.0.2.2", "sip.dns = [2001:db8::1]:53",
		"sip.rtp_ports = 1-65535", "sip.rtp_ports = 20000-20001", "log.areas = phone=debug,call=warn"};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		UNIT_CASE(!read_line(lines[i], &err), "%s is refused: %s", lines[i], err.text);
}

static void bad_values(void **state)
{
	static const char *const lines[] = {"sip.address = eth0", "sip.address = 192.0.2", "sip.address = 192.0.2.7:5060",
		"sip.dns = dns.example.com", "sip.dns = 192.0.2.1:0", "sip.dns = 192.0.2.1:65536", "sip.dns = 2001:db8::1",
		"sip.dns = [2001:db8::1]", "sip.dns = 192.0.2.1,x", "sip.dns = ,", "sip.rtp_ports = 16384", "sip.rtp_ports = 200-100",
		"sip.rtp_ports = 100-100", "sip.rtp_ports = 0-100", "sip.rtp_ports = 1-65536", "sip.rtp_ports = 1-2-3",
		"log.areas = phone=loud", "log.areas = nothing=debug"};
	char begin[100];
	struct err err;

	(void)state;
	snprintf(begin, sizeof(begin), "%s", path);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char key[32];

		snprintf(key, sizeof(key), "%.*s", (int)strcspn(lines[i], " "), lines[i]);
		UNIT_CASE(read_line(lines[i], &err) == ERR_CONFIG, "%s is taken", lines[i]);
		UNIT_CASE(!strncmp(err.text, begin, strlen(begin)) && strstr(err.text, "2: ") && strstr(err.text, key),
			"%s: %s", lines[i], err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(good_values), cmocka_unit_test(bad_values)};
	int fd = mkstemp(path);

	if (fd < 0)
		return 1;
	close(fd);
	int failed = UNIT_RUN(tests);
	unlink(path);
	return failed;
}
