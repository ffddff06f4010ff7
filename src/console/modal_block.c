/* modal_block.c - a call that the gate refuses: why, by which authority, and who could change it. There is no way past
 * it. */
#include <stdlib.h>
#include <string.h>
#include "../base/mem.h"
#include "view.h"

struct block {
	struct view view;
	json_t *decision;
};

static void block_open(struct view *view, const void *arg)
{
	((struct block *)view)->decision = json_deep_copy(arg);
}

static void block_close(struct view *view)
{
	json_decref(((struct block *)view)->decision);
}

/* What would have to be different. */
static const char *remedy(const char *code)
{
	static const struct { const char *code, *text; } all[] = {
		{"do_not_call", "Where this is wrong, a supervisor clears \"do not call\" on "
			"the customer, with a reason."},
		{"cease_and_desist", "Where the demand was withdrawn in writing, a supervisor "
			"clears the flag, with a reason."},
		{"attorney_represented", "Where the attorney no longer acts, a supervisor clears the "
			"flag, with a reason."},
		{"bankruptcy_filed", "Where the case is closed or dismissed, a supervisor clears "
			"the flag, with a reason."},
		{"deceased", "Where this is wrong, a supervisor corrects the collections status, with a reason."},
		{"unknown_customer", "A supervisor adds the customer, or an admin lets the tenant "
			"warn instead of block."},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i].code, code))
			return all[i].text;
	return "Where this is wrong, a supervisor corrects the customer, with a reason.";
}

/* The lines that it takes; drawn from y on when draw is set. */
static int reasons(const json_t *decision, struct area in, bool draw)
{
	json_t *reason;
	int y = 0;
	size_t i;

	json_array_foreach(json_object_get(decision, "reasons"), i, reason) {
		const char *authority = j_text(reason, "authority");
		bool hard = !strcmp(j_text(reason, "severity"), "hard");
		struct area text = {in.y + y, in.x + 2, draw ? in.y + in.h - in.y - y : 100, in.w - 2};

		if (text.h <= 0)
			break;
		if (draw)
			draw_text(in.y + y, in.x, 2, hard ? STYLE_BAD : STYLE_WARN, sym(SYM_WARN));
		y += draw_wrap(text, draw ? STYLE_STRONG : STYLES, j_text(reason, "message"));
		text.y = in.y + y;
		text.h = draw ? in.h - y : 100;
		if (text.h > 0) {
			char *line = xasprintf("%s. %s", authority, hard ? remedy(j_text(reason, "code")) : "");

			y += draw_wrap(text, draw ? STYLE_DIM : STYLES, line);
			free(line);
		}
		y++;
	}
	return y;
}

static void block_draw(struct view *view, struct area all)
{
	struct block *block = (struct block *)view;
	struct area size = {0, 0, 100, 64};
	int rows = reasons(block->decision, size, false);
	struct area in = draw_window(rows + 6 < all.h ? rows + 6 : all.h, 68, STYLE_BAD, "This call is blocked");
	char number[80];

	draw_text(in.y, in.x, in.w, STYLE_TEXT, text_number(j_text(block->decision, "number"), number));
	in.y += 2;
	in.h -= 2;
	reasons(block->decision, (struct area){in.y, in.x, in.h - 2, in.w}, true);
	draw_text(in.y + in.h - 2, in.x, in.w, STYLE_DIM, "Nothing was dialled. Nobody can override this.");
	draw_button(in.y + in.h - 1, in.x, "Close", true, true, HOT_REQUEST + REQ_BACK);
}

static bool block_request(struct view *view, enum request request)
{
	if (request != REQ_ACCEPT)
		return false;
	app_close_modal(view->app, view);
	return true;
}

static const char *block_brief(struct view *view, enum request request)
{
	(void)view;
	return view_brief(request, "close", "", "");
}

const struct view_class modal_block = {
	.name = "block", .place = PLACE_MODAL, .size = sizeof(struct block), .open = block_open, .close = block_close,
	.draw = block_draw, .request = block_request, .brief = block_brief,
};
