/* seed.c - what an engine needs before it can answer: its key file, and in a fresh database a first tenant. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../base/str.h"
#include "../base/tz.h"
#include "../db/sql_key.h"
#include "../db/sql_tenant.h"
#include "key.h"
#include "nouns.h"

static bool take_zone(struct tenant *tenant, const char *name)
{
	struct tz *tz;

	if (!name || !str_copy(tenant->timezone, sizeof(tenant->timezone), name) || tz_open(&tz, name, NULL) < 0)
		return false;
	tz_free(tz);
	return true;
}

/* The machine's own zone: Debian's /etc/timezone, or where /etc/localtime points; else UTC. */
static void find_zone(struct tenant *tenant)
{
	char text[PATH_MAX] = "";
	FILE *f = fopen("/etc/timezone", "re");

	if (f) {
		if (!fgets(text, sizeof(text), f))
			text[0] = '\0';
		fclose(f);
		text[strcspn(text, " \t\r\n")] = '\0';
	}
	if (text[0] && take_zone(tenant, text))
		return;
	ssize_t n = readlink("/etc/localtime", text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	const char *name = strstr(text, "/zoneinfo/");
	if (!name || !take_zone(tenant, name + strlen("/zoneinfo/")))
		take_zone(tenant, "UTC");
}

static int first_tenant(struct engine *engine, struct err *err)
{
	struct tenant tenant;
	int rc = db_begin(engine->db, err);

	if (rc < 0)
		return rc;
	tenant_presets(&tenant);
	str_copy(tenant.name, sizeof(tenant.name), "default");
	find_zone(&tenant);
	int64_t id = tenant_make(engine, &tenant, err);
	rc = id < 0 ? (int)id : db_commit(engine->db, err);
	if (rc < 0)
		db_rollback(engine->db);
	return rc;
}

int seed(struct engine *engine, struct err *err)
{
	/* A key file is made for a database that nothing is sealed in; else its absence is an error, and a new one
	 * would hide it. */
	int64_t known = id_of(engine, &sql_key_list, NO_ARGS, err);
	if (known < 0)
		return (int)known;

	keyring_left(engine->home.key, true, NULL);
	int rc = keyring_open(&engine->keys, engine->home.key, known == 0, err);
	if (rc >= 0)
		rc = key_settle(engine, err);
	if (rc >= 0)
		rc = audit_settle(engine, err);
	if (rc < 0)
		return rc;
	int64_t tenant = id_of(engine, &sql_tenant_first, NO_ARGS, err);
	return tenant == 0 ? first_tenant(engine, err) : tenant < 0 ? (int)tenant : 0;
}
