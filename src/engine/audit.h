/*
 * audit.h - the inside of the audit log, for the audit*.c alone.
 *
 * Each tenant's log has a head (softphone_audit_heads): how many rows there are, the last one with its hash, after
 * which row the hashes have a key, that key, sealed by the key ring, and a seal under it over all of that.  So a tail
 * that was cut off shows, and who can write the database, but lacks the key file, can make neither rows nor a head.
 */
#pragma once
#include "../crypto/chain.h"
#include "../db/db.h"
#include "engine.h"

struct str;

/* One field of a row's text, which its hash covers. */
void audit_add_text(struct str *, const char *);

struct audit_head {
	int64_t tenant_id;
	int64_t keyed_after;        /* rows up to this id are from before the log had a key; 0: none is */
	int64_t rows, last_id;
	char last_hash[CHAIN_HASH_SIZE];    /* "" while there is no row */
	bool altered;               /* the seal is not that of these figures */
	struct chain_key *key;
};

/* Loads and opens it; ERR_CONFIG when there is none or its key does not open.  audit_head_clear() in any case. */
int  audit_head_load(struct engine *, int64_t tenant_id, struct audit_head *, struct err *);
void audit_head_clear(struct audit_head *);
/* audit_file.c: audit.verify of rows that the request holds. */
int  audit_verify_rows(struct request *);
/* Writes that a row was added, inside of its transaction.  An altered head stays altered for ever. */
int  audit_head_move(struct engine *, struct audit_head *, int64_t row_id, const char *hash, struct err *);
