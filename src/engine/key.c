/*
 * key.c - the keys that seal station passwords, and the key of each tenant's audit log.
 *
 * A rotation can be cut off anywhere: (1) the new key is added to the file, (2) one transaction seals every password
 * and every log's key anew and names the new key alone in softphone_keys, (3) the old keys are dropped from the file.
 * Up to (2) the database needs the old keys, which the file still has; from then on it needs the new one, which the
 * file already has.  key_settle() does what is left of it at the next start.
 */
#include "key.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/log.h"
#include "../base/mem.h"
#include "../db/sql_key.h"
#include "../db/sql_station.h"
#include "change.h"
#include "nouns.h"

/* ---- is it this database's key file? ---------------------------------------------------------------------------- */

struct known {
	struct engine *engine;
	bool newest;                /* the file's newest key is known to the database */
	struct err *err;
};

static int check_key(const struct row *row, void *arg)
{
	struct known *known = arg;
	uint32_t id = (uint32_t)row_int(row, 0);
	char check[KEY_CHECK_SIZE];

	if (keyring_check(known->engine->keys, id, check, NULL) < 0)
		return err_set(known->err, ERR_CONFIG,
			"%s lacks key %u, which seals passwords in %s: put the right key file back",
			known->engine->home.key, id, known->engine->home.db);
	if (strcmp(check, row_text(row, 1)))
		return err_set(known->err, ERR_CONFIG,
			"%s is not the key file of %s (key %u differs): put the right key file back",
			known->engine->home.key, known->engine->home.db, id);
	if (id == keyring_newest(known->engine->keys))
		known->newest = true;
	return 0;
}

/* ---- sealing anew ----------------------------------------------------------------------------------------------- */

struct reseal {
	struct engine *engine;
	struct err *err;
};

static int reseal_row(const struct row *row, void *arg)
{
	const struct reseal *reseal = arg;
	struct engine *engine = reseal->engine;
	const bool nat = row_int(row, 4) != 0;
	const struct seal_place place =
		station_seal_place(nat ? SEALED_NAT : SEALED_SIP, row_int(row, 0), row_int(row, 1));
	size_t len, plain_len = 0, sealed_len = 0;
	const void *old = row_blob(row, 2, &len);
	uint8_t *sealed = NULL;
	char *plain = NULL;

	if (sealed_key_id(old, len) == keyring_newest(engine->keys))
		return 0;
	int rc = unseal(engine->keys, &place, old, len, &plain, &plain_len, reseal->err);
	if (rc >= 0)
		rc = seal(engine->keys, &place, plain, plain_len, &sealed, &sealed_len, reseal->err);
	if (rc >= 0)
		rc = db_run(engine->db, nat ? &sql_station_seal_nat : &sql_station_seal,
			ARGS(a_int(place.tenant_id), a_int(place.row_id), a_blob(sealed, sealed_len)), reseal->err);
	else
		err_prefix(reseal->err, "station %s: set its password anew, then rotate", row_text(row, 3));
	if (plain)
		mem_wipe(plain, plain_len);
	free(plain);
	free(sealed);
	return rc < 0 ? rc : 0;
}

static int name_newest(struct engine *engine, struct err *err)
{
	uint32_t id = keyring_newest(engine->keys);
	char check[KEY_CHECK_SIZE];
	int rc = keyring_check(engine->keys, id, check, err);

	if (rc >= 0)
		rc = db_run(engine->db, &sql_key_keep_only, ARGS(a_int(id)), err);
	if (rc >= 0)
		rc = db_run(engine->db, &sql_key_add, ARGS(a_int(id), a_text(check), a_int(clock_now_ms())), err);
	return rc;
}

/* Steps (2) and (3). */
static int seal_anew(struct engine *engine, struct err *err)
{
	struct reseal reseal = {.engine = engine, .err = err};
	int rc = db_begin(engine->db, err);

	if (rc < 0)
		return rc;
	rc = db_each(engine->db, &sql_station_sealed, NO_ARGS, reseal_row, &reseal, err);
	if (rc >= 0)
		rc = audit_reseal(engine, err);
	if (rc >= 0)
		rc = name_newest(engine, err);
	if (rc >= 0)
		rc = db_commit(engine->db, err);
	if (rc < 0) {
		db_rollback(engine->db);
		return rc;
	}
	return keyring_count(engine->keys) > 1 ? keyring_drop_old(engine->keys, err) : 0;
}

int key_settle(struct engine *engine, struct err *err)
{
	struct known known = {.engine = engine, .err = err};
	int rc = db_each(engine->db, &sql_key_list, NO_ARGS, check_key, &known, err);

	if (rc < 0)
		return rc;
	if (known.newest && keyring_count(engine->keys) == 1)
		return 0;
	rc = seal_anew(engine, err);
	if (rc != ERR_CONFIG)
		return rc;
	/* One password that does not open keeps nobody from working, nor the admin from setting it. */
	log_warn("key", "the change of keys is not finished: %s", err->text);
	*err = (struct err){0};
	return 0;
}

/* ---- is it still right? ----------------------------------------------------------------------------------------- */

static int open_row(const struct row *row, void *arg)
{
	const struct known *known = arg;
	const struct seal_place place =
		station_seal_place(row_int(row, 4) ? SEALED_NAT : SEALED_SIP, row_int(row, 0), row_int(row, 1));
	size_t len, plain_len = 0;
	const void *sealed = row_blob(row, 2, &len);
	char *plain = NULL;
	const int rc = unseal(known->engine->keys, &place, sealed, len, &plain, &plain_len, known->err);

	if (plain)
		mem_wipe(plain, plain_len);
	free(plain);
	return rc < 0 ? err_prefix(known->err, "station %s: its password does not open", row_text(row, 3)) : 0;
}

int key_verify(const struct engine *engine, struct err *err)
{
	struct engine with_file = *engine;
	struct known known = {.engine = &with_file, .err = err};
	int rc;

	with_file.keys = NULL;
	rc = keyring_open(&with_file.keys, engine->home.key, false, err);
	if (rc >= 0)
		rc = db_each(engine->db, &sql_key_list, NO_ARGS, check_key, &known, err);
	if (rc >= 0)
		rc = db_each(engine->db, &sql_station_sealed, NO_ARGS, open_row, &known, err);
	keyring_free(with_file.keys);
	return rc;
}

/* ---- handlers --------------------------------------------------------------------------------------------------- */

static int count_sealed(const struct row *row, void *counts)
{
	char id[16];
	size_t len;
	const void *sealed = row_blob(row, 2, &len);

	snprintf(id, sizeof(id), "%u", sealed_key_id(sealed, len));
	return json_object_set_new(counts, id, json_integer(json_integer_value(json_object_get(counts, id)) + 1));
}

int key_status(struct request *request)
{
	const struct keyring *keys = request->engine->keys;
	json_t *ids = json_array(), *sealed = json_object();
	int rc;

	for (size_t i = 0; i < keyring_count(keys); i++)
		json_array_append_new(ids, json_integer(keyring_id(keys, i)));
	rc = db_each(request->engine->db, &sql_station_sealed, NO_ARGS, count_sealed, sealed, &request->err);
	request->result = json_pack("{s:s, s:o, s:I, s:o}", "path", request->engine->home.key, "keys", ids,
		"newest", (json_int_t)keyring_newest(keys), "sealed", sealed);
	return rc < 0 ? rc : 0;
}

/* An engine that runs has its key file. */
int key_init(struct request *request)
{
	return key_status(request);
}

int key_rotate(struct request *request)
{
	int rc;

	keyring_left(request->engine->home.key, true, NULL);
	rc = keyring_add(request->engine->keys, &request->err);

	if (rc >= 0)
		rc = seal_anew(request->engine, &request->err);
	if (rc >= 0)
		rc = key_status(request);
	return rc < 0 ? rc : change_note(request, NULL);
}
