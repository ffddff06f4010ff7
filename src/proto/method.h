/*
 * method.h - every method of the protocol with its parameters, in one table (method.c).  The engine refuses what does
 * not fit it, the client builds from it, and a test holds spctl-api(7) to it.
 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include "../base/err.h"

/* What the engine's log is divided by. */
#define LOG_AREAS "audit|call|control|db|doctor|engine|key|phone|quality|record|restart|retention|session|sound"

enum param_type { PARAM_TEXT, PARAM_INT, PARAM_BOOL, PARAM_TIME /* RFC 3339 text */, PARAM_TEXTS /* array of text */,
	PARAM_DATE /* YYYY-MM-DD */ };

struct param {
	const char *name;
	enum param_type type;
	bool required;
	int64_t min, max;           /* PARAM_INT: the value; PARAM_TEXT(S): bytes of each (min 0: 1, max 0: 1024) */
	const char *help;
	const char *choices;        /* PARAM_TEXT: "a|b|c", the only values; NULL: any */
	bool clears;                /* an empty text, of PARAM_INT null, is allowed and clears it */
	bool lines;                 /* PARAM_TEXT: newlines and tabs are allowed; other control characters never are */
};

enum { METHOD_TENANT = 1,       /* takes "tenant": a tenant's name */
       METHOD_AS = 2,           /* takes "as": act for this agent */
       METHOD_LIST = 4,         /* takes "limit" and "after" (an id); answers {items: [...], next: id|null} */
       METHOD_DRY_RUN = 8,     /* takes "dry_run": everything is checked, nothing changed */
       METHOD_ANYBODY = 16,  /* beside METHOD_AS: may be asked for nobody in particular, where several could be meant */
       METHOD_MACHINE = 32 };   /* concerns every tenant: where there are several, not for the admin of one */

struct method {
	const char *name;           /* "station.add" */
	const char *help;           /* one sentence */
	const struct param *params; /* ends at a NULL name; NULL: none */
	unsigned flags;
	const char *answer;         /* one sentence or shape: what the result holds */
};

extern const struct method methods[];       /* sorted by name; ends at a NULL name */
extern const struct param method_common[];  /* tenant, as, limit, after, dry_run, by the flags; ends at a NULL name */

const struct method *method_find(const char *name);
/* A parameter of the method by its name, its own or a common one; NULL when it takes none of that name. */
const struct param *method_param(const struct method *, const char *name);
/* Unknown, missing and ill-typed parameters: ERR_INVALID, naming parameter, value and what would be right. */
int method_check(const struct method *, const json_t *params, struct err *);

/* Events that events.subscribe turns on. */
struct event_kind { const char *name, *help; };
extern const struct event_kind event_kinds[];       /* ends at a NULL name */
