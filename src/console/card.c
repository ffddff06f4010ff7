/* card.c - a customer's card. */
#include "card.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../base/clock.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../base/tz.h"

enum { LABEL = 12, WHEN = 14, NOTES_FEW = 2, NOTES_MANY = 6 };

static const struct { const char *cause, *brief, *words; } causes[] = {
	{"agent_hangup", "answered", "answered; the agent hung up"},
	{"remote_hangup", "answered", "answered; the other side hung up"},
	{"cancelled", "cancelled", "the caller gave up before an answer"},
	{"busy", "busy", "busy"},
	{"no_answer", "no answer", "nobody answered"},
	{"rejected", "rejected", "the other side rejected it"},
	{"not_found", "no number", "there is no such number"},
	{"unavailable", "unavailable", "the other side cannot be reached"},
	{"redirected", "redirected", "redirected elsewhere, which is not followed"},
	{"no_response", "no reply", "the far end did not reply"},
	{"failed", "failed", "refused"},
	{"time_limit", "time limit", "ended at the longest time that a call may have"},
	{"phone_lost", "phone lost", "the phone process ended"},
	{"engine_restart", "restart", "the engine was started again"},
	{"kicked", "logged out", "the agent's session was ended by somebody else"},
	{"transferred", "transferred", "transferred to somebody else"},
	{"voicemail", "voicemail", "sent to the voicemail"},
	{"not_sent", "not sent", "the phone refused the order; nothing left"},
};
enum { CAUSES = sizeof(causes) / sizeof(causes[0]) };

const char *card_result(const json_t *call, bool brief)
{
	const char *cause = j_text(call, "cause");
	bool inbound = !strcmp(j_text(call, "direction"), "inbound");

	if (inbound && !strcmp(cause, "rejected") && !brief)
		return "the agent rejected it";
	if (!inbound && !strcmp(cause, "cancelled") && !brief)
		return "the agent gave up before an answer";
	for (size_t i = 0; i < CAUSES; i++)
		if (!strcmp(causes[i].cause, cause))
			return brief ? causes[i].brief : causes[i].words;
	return *cause ? cause : brief ? "now" : "in progress";
}

char *card_flags(const json_t *customer)
{
	static const struct { const char *field, *words; } flags[] = {
		{"do_not_call", "do not call"}, {"cease_and_desist", "cease and desist"},
		{"attorney_represented", "has an attorney"},
		{"bankruptcy_filed", "bankruptcy"},
	};
	struct str out = {0};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (j_bool(customer, flags[i].field))
			str_addf(&out, "%s%s", out.len ? ", " : "", flags[i].words);
	if (!strcmp(j_text(customer, "collections_status"), "deceased"))
		str_addf(&out, "%sdeceased", out.len ? ", " : "");
	return str_take(&out);
}

/* "09:14, Los Angeles", or that nobody knows. */
static void local_time(const json_t *customer, char out[128])
{
	const char *zone = j_text(customer, "timezone"), *city = strrchr(zone, '/');
	char words[80];
	struct local_time local;
	struct tz *tz = NULL;

	if (!*zone || tz_open(&tz, zone, NULL) < 0) {
		str_copy(out, 128, "no zone is recorded");
		return;
	}
	tz_local(tz, clock_now_ms(), &local);
	snprintf(out, 128, "%02d:%02d, %s", local.hour, local.minute, text_words(city ? city + 1 : zone, words));
	tz_free(tz);
}

/* One "label  value" line; the row behind it. */
static int fact(int y, struct area in, const char *label, enum style style, const char *value)
{
	if (y >= in.y + in.h || !*value)
		return y;
	draw_text(y, in.x, LABEL - 1, STYLE_DIM, label);
	draw_text(y, in.x + LABEL, in.w - LABEL, style, value);
	return y + 1;
}

static int wrapped_fact(int y, struct area in, const char *label, enum style style, const char *value)
{
	if (y >= in.y + in.h)
		return y;
	draw_text(y, in.x, LABEL - 1, STYLE_DIM, label);
	return y + draw_wrap((struct area){y, in.x + LABEL, in.y + in.h - y, in.w - LABEL}, style, value);
}

static int draw_calls_this_week(struct app *app, int y, struct area in, const json_t *customer)
{
	const json_t *own = json_object_get(customer, "max_calls_per_week");
	int64_t cap = json_is_integer(own) ? json_integer_value(own) : j_int(app->model.tenant, "max_calls_per_week");
	int64_t calls = j_int(customer, "calls_this_week");
	char text[64];

	snprintf(text, sizeof(text), "%lld of %lld this week", (long long)calls, (long long)cap);
	return fact(y, in, "Calls", calls >= cap ? STYLE_WARN : STYLE_TEXT, text);
}

static int draw_facts(struct app *app, int y, struct area in, const json_t *customer)
{
	const json_t *phones = json_object_get(customer, "phones");
	char *flags = card_flags(customer), text[256], number[80];
	json_t *phone;
	size_t i;

	json_array_foreach(phones, i, phone)
		if (i < 3)
			y = fact(y, in, i ? "" : "Phone", STYLE_TEXT, text_number(json_string_value(phone), number));
	local_time(customer, text);
	y = fact(y, in, "Local time", STYLE_TEXT, text);
	snprintf(text, sizeof(text), "%.60s %.30s", j_text(customer, "state"), j_text(customer, "postcode"));
	y = fact(y, in, "Lives in", STYLE_TEXT, *j_text(customer, "state") || *j_text(customer, "postcode") ? text :
		"");
	y = wrapped_fact(y, in, "Flags", *flags ? STYLE_BAD : STYLE_TEXT, *flags ? flags : "none");
	y = draw_calls_this_week(app, y, in, customer);
	y = fact(y, in, "Status", STYLE_TEXT, j_text(customer, "collections_status"));
	y = fact(y, in, "Limitation", STYLE_TEXT, j_text(customer, "sol_date"));
	free(flags);
	return y;
}

/* "21 Nov 09:14  callback": in the tenant's zone, as every list. */
static int draw_call(int y, struct area in, const json_t *call, const struct tz *tz)
{
	const char *dispo = j_text(call, "disposition");
	char words[80], when[TEXT_WHEN];

	draw_text(y, in.x, WHEN - 1, STYLE_DIM, text_when(tz, j_time(call, "started_at"), clock_now_ms(), when));
	draw_text(y, in.x + WHEN, in.w - WHEN, STYLE_TEXT, *dispo ? text_words(dispo, words) : card_result(call, true));
	return y + 1;
}

/* Notes have at least two lines, and more where the calls behind leave room. */
static void draw_history(struct app *app, int y, struct area in, const json_t *history)
{
	const int count = (int)json_array_size(history);
	struct tz *tz = NULL;
	bool titled = false;
	int most;
	json_t *call;
	size_t i;

	if (!app->model.tenant || tz_open(&tz, j_text(app->model.tenant, "timezone"), NULL) < 0)
		return;
	json_array_foreach((json_t *)history, i, call) {
		const char *notes = j_text(call, "notes");

		if (y + (titled ? 0 : 2) >= in.y + in.h || !*j_text(call, "ended_at"))
			continue;
		if (!titled) {
			draw_text(++y, in.x, in.w, STYLE_DIM, "Last calls");
			y++;
			titled = true;
		}
		y = draw_call(y, in, call, tz);
		most = in.y + in.h - y - (count - 1 - (int)i);
		most = most > NOTES_MANY ? NOTES_MANY : most < NOTES_FEW ? NOTES_FEW : most;
		if (*notes && y < in.y + in.h)
			y += draw_wrap((struct area){y, in.x + WHEN, in.y + in.h - y < most ? in.y + in.h - y : most,
				in.w - WHEN},
				STYLE_DIM, notes);
	}
	tz_free(tz);
}

void card_draw_nameless(struct app *app, struct area in, int64_t customer_id)
{
	const struct card *card = model_card(&app->model, customer_id);

	if (!card)
		draw_wrap(in, STYLE_DIM, "Nobody is known with this number.");
	else if (!card->customer)
		draw_text(in.y, in.x, in.w, STYLE_DIM, "Asking for the customer");
	else
		draw_history(app, draw_facts(app, in.y, in, card->customer), in, card->history);
}

void card_draw(struct app *app, struct area in, int64_t customer_id)
{
	const char *name = model_customer_name(&app->model, customer_id);

	if (*name) {
		draw_text(in.y, in.x, in.w, STYLE_STRONG, name);
		in.y += 2;
		in.h -= 2;
	}
	card_draw_nameless(app, in, customer_id);
}
