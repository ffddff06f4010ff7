/* modals.h - what is handed to modals that need more than the model: the arg of app_modal(). */
#pragma once
#include "app.h"

/* modal_warn: a decision that needs acknowledgement, and the order to give again. modal_block takes the decision
 * alone. */
struct warning { const json_t *decision; const char *method; const json_t *params; const char *who; };

/* modal_confirm: act is called when the answer is yes. */
struct question { const char *title, *text, *yes; void (*act)(void *app); };

/* modal_take_over: who sits where now, and what to do about it. */
struct take_over { const char *text; const json_t *params; };

/* modal_transfer: the login of who gets the call, or NULL. modal_conference: "leave" when the agent wants to go, or
 * NULL. modal_key: the enum request that gets another key. */
/* Gives the request its preset keys again, and says so (modal_key.c). */
void app_unbind(struct app *, enum request);

/* Logs in with these parameters of session.login (stolen); asks to take over where somebody sits there
 * (modal_login.c). */
void app_login(struct app *, json_t *params);
/* Logs this console's agent out. */
void app_logout(struct app *);
