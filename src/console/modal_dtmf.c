/* modal_dtmf.c - the keypad: each key is sent into the call at once. */
#include <string.h>
#include "view.h"

enum { SENT_MOST = 40, WIDTH = 30 };

struct dtmf {
	struct view view;
	char sent[SENT_MOST + 1];
};

static const char *const rows[] = {"123A", "456B", "789C", "*0#D"};

static void send_digit(struct dtmf *dtmf, char digit)
{
	const char text[2] = {digit, '\0'};
	const struct call *call = model_focus(&dtmf->view.app->model);
	size_t len = strlen(dtmf->sent);

	if (!call)
		return;
	if (len == SENT_MOST)
		memmove(dtmf->sent, dtmf->sent + 1, len--);
	dtmf->sent[len] = digit;
	dtmf->sent[len + 1] = '\0';
	app_order(dtmf->view.app, "call.dtmf", json_pack("{s:s, s:I}", "digits", text, "call", (json_int_t)call->id));
}

static void dtmf_draw(struct view *view, struct area all)
{
	const struct dtmf *dtmf = (struct dtmf *)view;
	struct area in = draw_window(13, WIDTH, STYLE_TITLE, "Digits");

	(void)all;
	draw_fill((struct area){in.y, in.x, 1, in.w}, STYLE_FIELD);
	draw_right(in.y, in.x, in.w, STYLE_FIELD, dtmf->sent);
	for (int row = 0; row < 4; row++)
		for (int i = 0; i < 4; i++) {
			const char label[2] = {rows[row][i], '\0'};

			draw_button(in.y + 2 + row * 2, in.x + 1 + i * 6, label, false, true, rows[row][i]);
		}
	draw_text(in.y + in.h - 1, in.x, in.w, STYLE_DIM, "Each key is sent at once");
}

static bool dtmf_key(struct view *view, keycode key)
{
	if (key >= 'a' && key <= 'd')
		key -= 'a' - 'A';
	if (key >= 0x80 || !key || !strchr("0123456789*#ABCD", (int)key))
		return false;
	send_digit((struct dtmf *)view, (char)key);
	return true;
}

static void dtmf_paste(struct view *view, const char *text)
{
	for (; *text; text++)
		if (strchr("0123456789*#", *text))
			send_digit((struct dtmf *)view, *text);
}

static void dtmf_click(struct view *view, int what, bool twice)
{
	(void)twice;
	send_digit((struct dtmf *)view, (char)what);
}

static bool dtmf_request(struct view *view, enum request request)
{
	if (request != REQ_ACCEPT)
		return false;
	app_close_modal(view->app, view);
	return true;
}

static const char *dtmf_brief(struct view *view, enum request request)
{
	(void)view;
	return view_brief(request, "", "", "close");
}

const struct view_class modal_dtmf = {
	.name = "digits", .place = PLACE_MODAL, .size = sizeof(struct dtmf), .draw = dtmf_draw, .key = dtmf_key,
	.paste = dtmf_paste, .request = dtmf_request, .click = dtmf_click, .brief = dtmf_brief,
};
