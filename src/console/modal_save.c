/* modal_save.c - a copy of a call's recording, in a file that is asked for. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../base/base64.h"
#include "../base/mem.h"
#include "../base/sha256.h"
#include "../base/str.h"
#include "view.h"

enum { PATH_MOST = 400, WIDTH = 64 };

struct save {
	struct view view;
	struct edit path;
	int64_t call_id;
	int fd;                     /* -1: the copy has not begun */
	char *unfinished;           /* the file's name until it is whole; NULL: there is none */
	struct sha256 hash;
	int64_t written, size;
	char failure[600];
};

static void save_open(struct view *view, const void *arg)
{
	struct save *save = (struct save *)view;
	char preset[64];

	save->call_id = j_int(arg, "id");
	save->fd = -1;
	edit_init(&save->path, PATH_MOST);
	snprintf(preset, sizeof(preset), "call-%lld.flac", (long long)save->call_id);
	edit_set(&save->path, preset);
}

/* A copy that is not whole does not stay. */
static void drop_file(struct save *save)
{
	if (save->fd >= 0)
		close(save->fd);
	if (save->unfinished)
		unlink(save->unfinished);
	free(save->unfinished);
	save->unfinished = NULL;
	save->fd = -1;
	save->written = 0;
}

static void save_close(struct view *view)
{
	drop_file((struct save *)view);
	edit_free(&((struct save *)view)->path);
}

static void fail(struct save *save, const char *what, const char *why)
{
	snprintf(save->failure, sizeof(save->failure), "%s: %s", what, why);
	drop_file(save);
	save->view.app->dirty = true;
}

/* ---- the copy --------------------------------------------------------------------------------------------------- */

static void ask_piece(struct save *save);

static bool write_all(int fd, const unsigned char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return true;
}

/* One that is there already is not replaced, where the file system can promise it. */
static bool give_name(struct save *save, const char *path)
{
	if (renameat2(AT_FDCWD, save->unfinished, AT_FDCWD, path, RENAME_NOREPLACE) < 0 &&
	    (errno != EINVAL || rename(save->unfinished, path) < 0))
		return false;
	free(save->unfinished);
	save->unfinished = NULL;
	return true;
}

static void finish(struct save *save, const char *wanted)
{
	struct app *app = save->view.app;
	char got[SHA256_TEXT], *path = save->path.text;

	sha256_end(&save->hash, got);
	if (save->written != save->size || (*wanted && strcmp(wanted, got))) {
		fail(save, path, "what came is not what was recorded");
	} else if (fsync(save->fd) < 0 || !give_name(save, path)) {
		fail(save, path, strerror(errno));
	} else {
		app_say(app, STYLE_GOOD, "The recording of call %lld is in %s", (long long)save->call_id, path);
		app_close_modal(app, &save->view);
	}
}

static void on_piece(void *arg, int64_t tag, const struct answer *answer)
{
	struct save *save = arg;
	const json_t *next = json_object_get(answer->result, "next");
	unsigned char *bytes;
	size_t len = 0;
	bool written;

	(void)tag;
	if (answer->err) {
		fail(save, "The recording", answer->err->text);
		return;
	}
	bytes = base64_bytes(j_text(answer->result, "data"), &len);
	written = bytes && write_all(save->fd, bytes, len);
	if (written)
		sha256_add(&save->hash, bytes, len);
	free(bytes);
	save->written += (int64_t)len;
	save->size = j_int(answer->result, "size");
	save->view.app->dirty = true;
	if (!written)
		fail(save, save->path.text, strerror(errno));
	else if (json_is_integer(next) && len)
		ask_piece(save);
	else
		finish(save, j_text(answer->result, "sha256"));
}

static void ask_piece(struct save *save)
{
	app_ask(save->view.app, "history.recording",
		json_pack("{s:I, s:I}", "call", (json_int_t)save->call_id, "offset",
		(json_int_t)save->written), on_piece, save, 0);
}

static void begin(struct save *save)
{
	if (save->fd >= 0)
		return;
	save->failure[0] = '\0';
	if (!save->path.len) {
		str_copy(save->failure, sizeof(save->failure), "Type the file's name");
		return;
	}
	if (access(save->path.text, F_OK) == 0) {
		fail(save, save->path.text, "there is a file with this name already");
		return;
	}
	save->unfinished = xasprintf("%s.XXXXXX", save->path.text);
	save->fd = mkostemp(save->unfinished, O_CLOEXEC);       /* for its owner alone */
	if (save->fd < 0) {
		free(save->unfinished);
		save->unfinished = NULL;
		fail(save, save->path.text, strerror(errno));
		return;
	}
	sha256_start(&save->hash);
	ask_piece(save);
}

/* ---- the window ------------------------------------------------------------------------------------------------- */

static void save_draw(struct view *view, struct area all)
{
	struct save *save = (struct save *)view;
	struct area in = draw_window(9, WIDTH, STYLE_TITLE, "Save the recording");

	(void)all;
	draw_textf(in.y, in.x, in.w, STYLE_DIM, "A copy of call %lld, as FLAC: left the agent, right the far end",
		(long long)save->call_id);
	draw_text(in.y + 2, in.x, 6, STYLE_TITLE, "File");
	draw_edit((struct area){in.y + 2, in.x + 6, 1, in.w - 6}, &save->path, save->fd < 0, false);
	if (*save->failure)
		draw_wrap((struct area){in.y + 4, in.x, 2, in.w}, STYLE_BAD, save->failure);
	else if (save->fd >= 0 && save->size)
		draw_bar(in.y + 4, in.x, in.w, (int)(save->written * 1000 / save->size), STYLE_METER);
	draw_button(in.y + 6, in.x, "Save", true, save->fd < 0, HOT_REQUEST + REQ_ACCEPT);
	draw_button(in.y + 6, in.x + 10, "Cancel", false, true, HOT_REQUEST + REQ_BACK);
}

static bool save_key(struct view *view, keycode key)
{
	struct save *save = (struct save *)view;

	return save->fd < 0 && edit_key(&save->path, key);
}

static void save_paste(struct view *view, const char *text)
{
	if (((struct save *)view)->fd < 0)
		edit_insert(&((struct save *)view)->path, text);
}

static bool save_request(struct view *view, enum request request)
{
	if (request != REQ_ACCEPT)
		return false;
	begin((struct save *)view);
	return true;
}

static const char *save_brief(struct view *view, enum request request)
{
	return view_brief(request, ((struct save *)view)->fd < 0 ? "save" : "", "", "cancel");
}

static bool save_types(struct view *view)
{
	return ((struct save *)view)->fd < 0;
}

const struct view_class modal_save = {
	.name = "save", .place = PLACE_MODAL, .size = sizeof(struct save), .open = save_open, .close = save_close,
	.draw = save_draw, .key = save_key, .paste = save_paste, .request = save_request,
	.brief = save_brief, .types = save_types,
};
