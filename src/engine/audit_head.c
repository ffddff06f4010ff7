/* audit_head.c - the sealed head of each tenant's audit log (audit.h). */
#include <stdlib.h>
#include <string.h>
#include "../base/log.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../db/sql_audit.h"
#include "audit.h"
#include "nouns.h"

static const char altered[] = "altered";        /* in the seal's place: no seal looks like this */

static struct seal_place place_of(int64_t tenant_id)
{
	return (struct seal_place){.table = "softphone_audit_heads", .tenant_id = tenant_id, .row_id = tenant_id};
}

static int head_seal(const struct audit_head *head, char seal[CHAIN_HASH_SIZE], struct err *err)
{
	char *text = xasprintf("tenant %lld, keyed after %lld, rows %lld, last %lld %s", (long long)head->tenant_id,
		(long long)head->keyed_after, (long long)head->rows, (long long)head->last_id, head->last_hash);
	const int status = chain_seal(head->key, text, seal, err);

	free(text);
	return status;
}

/* ---- loading ---------------------------------------------------------------------------------------------------- */

struct loading {
	struct engine *engine;
	struct audit_head *head;
	struct err *err;
};

static struct chain_key *open_key(
	struct engine *engine, int64_t tenant_id, const void *sealed, size_t len, struct err *err)
{
	const struct seal_place place = place_of(tenant_id);
	struct chain_key *key = NULL;
	char *plain;
	size_t plain_len;

	if (unseal(engine->keys, &place, sealed, len, &plain, &plain_len, err) < 0)
		return NULL;
	if (plain_len == CHAIN_KEY_BYTES)
		key = chain_key_open((const uint8_t *)plain, err);
	else
		err_set(err, ERR_CONFIG, "the audit log's key is not one of %d bytes", CHAIN_KEY_BYTES);
	mem_wipe(plain, plain_len);
	free(plain);
	return key;
}

static int take_head(const struct row *row, void *arg)
{
	const struct loading *loading = arg;
	struct audit_head *head = loading->head;
	char seal[CHAIN_HASH_SIZE];
	size_t len;
	const void *sealed = row_blob(row, HEAD_KEY, &len);
	const char *hash = row_text(row, HEAD_LAST_HASH), *kept = row_text(row, HEAD_SEAL);

	head->keyed_after = row_int(row, HEAD_KEYED_AFTER);
	head->rows = row_int(row, HEAD_ROWS);
	head->last_id = row_int(row, HEAD_LAST_ID);
	str_copy(head->last_hash, sizeof(head->last_hash), hash ? hash : "");
	head->key = open_key(loading->engine, head->tenant_id, sealed, len, loading->err);
	if (!head->key || head_seal(head, seal, loading->err) < 0)
		return loading->err->code;
	head->altered = !kept || strcmp(kept, seal) != 0;
	return 1;
}

int audit_head_load(struct engine *engine, int64_t tenant_id, struct audit_head *head, struct err *err)
{
	struct loading loading = {.engine = engine, .head = head, .err = err};
	int rc;

	*head = (struct audit_head){.tenant_id = tenant_id};
	rc = db_each(engine->db, &sql_audit_head_get, ARGS(a_int(tenant_id)), take_head, &loading, err);
	if (rc == 0)
		return err_set(err, ERR_CONFIG, "the audit log has no head: %s was altered", db_path(engine->db));
	return rc < 0 ? rc : 0;
}

void audit_head_clear(struct audit_head *head)
{
	chain_key_close(head->key);
	head->key = NULL;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

int audit_head_move(struct engine *engine, struct audit_head *head, int64_t row_id, const char *hash, struct err *err)
{
	char seal[CHAIN_HASH_SIZE];
	int rc;

	head->rows++;
	head->last_id = row_id;
	str_copy(head->last_hash, sizeof(head->last_hash), hash);
	rc = head_seal(head, seal, err);
	if (head->altered) {
		log_error("audit", "the head of tenant %lld's audit log was altered", (long long)head->tenant_id);
		str_copy(seal, sizeof(seal), altered);
	}
	if (rc >= 0)
		rc = db_run(engine->db, &sql_audit_head_move,
			ARGS(a_int(head->tenant_id), a_int(head->rows), a_int(row_id), a_text(hash), a_text(seal)),
			err);
	return rc < 0 ? rc : 0;
}

/* A new key, sealed: the caller's. */
static int make_key(struct engine *engine, struct audit_head *head, uint8_t **sealed, size_t *len, struct err *err)
{
	const struct seal_place place = place_of(head->tenant_id);
	uint8_t bytes[CHAIN_KEY_BYTES];
	int rc = chain_key_random(bytes, err);

	if (rc >= 0)
		rc = seal(engine->keys, &place, bytes, sizeof(bytes), sealed, len, err);
	if (rc >= 0 && !(head->key = chain_key_open(bytes, err)))
		rc = err->code;
	mem_wipe(bytes, sizeof(bytes));
	return rc;
}

int audit_begin(struct engine *engine, int64_t tenant_id, struct err *err)
{
	struct audit_head head = {.tenant_id = tenant_id};
	char seal_text[CHAIN_HASH_SIZE];
	uint8_t *sealed = NULL;
	size_t len = 0;
	int rc = make_key(engine, &head, &sealed, &len, err);

	if (rc >= 0)
		rc = head_seal(&head, seal_text, err);
	if (rc >= 0)
		rc = db_run(engine->db, &sql_audit_head_add,
			ARGS(a_int(tenant_id), a_blob(sealed, len), a_text(seal_text)), err);
	free(sealed);
	audit_head_clear(&head);
	return rc < 0 ? rc : 0;
}

/* ---- logs from before there was a key --------------------------------------------------------------------------- */

struct bare { struct bare *next; struct audit_head head; };

static int take_bare(const struct row *row, void *arg)
{
	struct bare **all = arg, *bare = xcalloc(1, sizeof(*bare));

	bare->head.tenant_id = row_int(row, 0);
	bare->head.keyed_after = row_int(row, 1);
	bare->head.rows = row_int(row, 2);
	bare->head.last_id = row_int(row, 3);
	str_copy(bare->head.last_hash, sizeof(bare->head.last_hash), row_null(row, 4) ? "" : row_text(row, 4));
	bare->next = *all;
	*all = bare;
	return 0;
}

/* From here on the log has a key; its first row with one says so. */
static int key_log(struct engine *engine, struct audit_head *head, struct err *err)
{
	struct audit_entry entry = {.tenant_id = head->tenant_id, .event = "audit_keyed"};
	char seal_text[CHAIN_HASH_SIZE], *detail;
	uint8_t *sealed = NULL;
	size_t len = 0;
	int rc = make_key(engine, head, &sealed, &len, err);

	if (rc >= 0)
		rc = head_seal(head, seal_text, err);
	if (rc >= 0)
		rc = db_run(engine->db, &sql_audit_head_key,
			ARGS(a_int(head->tenant_id), a_blob(sealed, len), a_text(seal_text)), err);
	free(sealed);
	detail = xasprintf("%lld rows before this one have hashes without a key", (long long)head->rows);
	entry.detail = detail;
	if (rc >= 0 && head->rows)
		rc = audit_add(engine, &entry, err) < 0 ? (int)err->code : 0;
	free(detail);
	return rc;
}

int audit_settle(struct engine *engine, struct err *err)
{
	struct bare *all = NULL, *bare;
	int rc = db_each(engine->db, &sql_audit_head_bare, NO_ARGS, take_bare, &all, err);

	if (rc > 0)
		rc = db_begin(engine->db, err);
	while ((bare = all)) {
		all = bare->next;
		if (rc >= 0)
			rc = key_log(engine, &bare->head, err);
		if (rc >= 0 && !all)
			rc = db_commit(engine->db, err);
		audit_head_clear(&bare->head);
		free(bare);
	}
	if (rc < 0)
		db_rollback(engine->db);
	return rc < 0 ? rc : 0;
}

/* ---- a change of keys ------------------------------------------------------------------------------------------- */

struct resealing { struct engine *engine; struct err *err; };

static int reseal(const struct row *row, void *arg)
{
	const struct resealing *resealing = arg;
	struct engine *engine = resealing->engine;
	const int64_t tenant_id = row_int(row, 0);
	const struct seal_place place = place_of(tenant_id);
	size_t len, plain_len = 0, sealed_len = 0;
	const void *old = row_blob(row, 1, &len);
	uint8_t *sealed = NULL;
	char *plain = NULL;
	int rc;

	if (sealed_key_id(old, len) == keyring_newest(engine->keys))
		return 0;
	rc = unseal(engine->keys, &place, old, len, &plain, &plain_len, resealing->err);
	if (rc >= 0)
		rc = seal(engine->keys, &place, plain, plain_len, &sealed, &sealed_len, resealing->err);
	if (rc >= 0)
		rc = db_run(engine->db, &sql_audit_head_reseal, ARGS(a_int(tenant_id), a_blob(sealed, sealed_len)),
			resealing->err);
	if (plain)
		mem_wipe(plain, plain_len);
	free(plain);
	free(sealed);
	return rc < 0 ? rc : 0;
}

int audit_reseal(struct engine *engine, struct err *err)
{
	struct resealing resealing = {.engine = engine, .err = err};
	const int rc = db_each(engine->db, &sql_audit_head_keys, NO_ARGS, reseal, &resealing, err);

	return rc < 0 ? rc : 0;
}
