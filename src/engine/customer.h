/* customer.h - what customer.c and customer_load.c share: one customer with his numbers and flags. */
#pragma once
#include "engine.h"

enum { CUSTOMER_TEXTS = 7, CUSTOMER_FLAGS = 4, CUSTOMER_AUDITED_TEXTS = 2 };

/* Places in customer.texts, in the order of sql_customer_add; the last two are audited like flags. */
enum { TEXT_NAME, TEXT_EXTERNAL_ID, TEXT_TIMEZONE, TEXT_STATE, TEXT_POSTCODE, TEXT_COLLECTIONS_STATUS, TEXT_SOL_DATE };
enum { FLAG_DO_NOT_CALL, FLAG_CEASE_AND_DESIST, FLAG_ATTORNEY_REPRESENTED, FLAG_BANKRUPTCY_FILED };

extern const char *const customer_texts[CUSTOMER_TEXTS];    /* their parameters' names */
extern const char *const customer_flags[CUSTOMER_FLAGS];

struct customer {
	int64_t id;
	char *texts[CUSTOMER_TEXTS];        /* NULL: none */
	bool flags[CUSTOMER_FLAGS];
	bool has_cap;                       /* else the tenant's counts */
	int64_t cap;
	char **phones;                      /* E.164, each once */
	size_t phone_count;
	bool phones_given;
};

void customer_free(struct customer *);
/* ERR_NOT_FOUND unless the tenant has him.  Without his numbers. */
int  customer_load(struct engine *, int64_t tenant_id, int64_t id, struct customer *, struct err *);
/* Takes over what the request gives, checked and normalised. */
int  customer_take(struct request *, struct customer *);
/* Writes the row, the flags and (where given) the numbers; id 0 in it makes a new one. */
int  customer_store(struct request *, struct customer *);
/* The word comes first; what stands behind it says more, as "deceased (letter of 3 March)". */
bool customer_is_deceased(const char *collections_status);
