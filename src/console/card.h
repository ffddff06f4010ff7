/* card.h - a customer as the phone, the incoming call and the list of customers show him. */
#pragma once
#include "app.h"

/* Name, numbers, local time, flags in words, calls this week, last calls; as much as fits. */
void card_draw(struct app *, struct area, int64_t customer_id);
void card_draw_nameless(struct app *, struct area, int64_t customer_id);    /* where the name stands elsewhere */
/* How a call ended, in a word or two for lists, or in a clause: "answered; the other side hung up". */
const char *card_result(const json_t *call, bool brief);
/* The flags that forbid or limit calls, in words: "do not call, attorney"; "" for none.  The caller frees. */
char *card_flags(const json_t *customer);
