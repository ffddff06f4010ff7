/* pick.h - whom a call goes to: a number or login that is typed, one of the other calls, an agent, or a customer. */
#pragma once
#include "app.h"

enum { PICK_ROWS = 6, PICK_HOT = 1 << 17 };         /* rows of what was found; click values from here on */

struct pick {
	struct app *app;
	struct edit text;
	json_t *found;              /* [{name, to, remark, call_id, customer_id}]; never NULL */
	json_t *customers;          /* as customer.list answered, or NULL */
	int at;                     /* the one chosen; -1: what was typed */
	void *owner;                /* the view: of answers */
	bool asking, again;         /* customers are being asked for; what was typed has changed since */
};

/* Whom it is: to is a number or a login, call_id another call of the agent's, or 0. */
struct picked { const char *name, *to; int64_t call_id, customer_id; };

void pick_open(struct pick *, struct view *owner);
void pick_close(struct pick *);
/* Finds anew: after an event. */
void pick_find(struct pick *);
/* The field in the first row, what was found below; uses PICK_ROWS + 2 rows. */
void pick_draw(struct pick *, struct area, const char *label, bool focus);
bool pick_key(struct pick *, keycode);
void pick_paste(struct pick *, const char *text);
/* what: from PICK_HOT on. */
void pick_click(struct pick *, int what);
/* False: nobody is chosen yet. */
bool pick_who(const struct pick *, struct picked *);
