/*
 * history_recording.c - a call's recording, piece by piece.
 *
 * Before the first piece the whole file is held against its digest: nothing is given of one that was changed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../base/base64.h"
#include "../base/mem.h"
#include "../crypto/chain.h"
#include "nouns.h"
#include "work.h"

/* ---- one piece -------------------------------------------------------------------------------------------------- */

enum { PIECE = 512 << 10 };         /* in base64 it fits into a line of the protocol */

/* Up to PIECE bytes from the offset into data.  Their number, with the file's size, or negative. */
static ssize_t read_piece(const char *path, int64_t offset, char *data, int64_t *size, struct err *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st = {0};
	ssize_t got = 0, n = 1;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		n = err_set(err, fd < 0 && errno == ENOENT ? ERR_UNAVAILABLE : ERR_FAILED, "the recording %s %s", path,
			fd >= 0 ? "is not a file" : errno == ENOENT ? "is missing" : strerror(errno));
	}
	*size = st.st_size;
	while (n > 0 && got < PIECE) {
		n = pread(fd, data + got, PIECE - (size_t)got, offset + got);
		if (n > 0)
			got += n;
		else if (n < 0)
			n = err_set(err, ERR_FAILED, "the recording %s cannot be read: %s", path, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	return n < 0 ? n : got;
}

struct piece {
	struct request *request;
	char digest[CHAIN_HASH_SIZE];   /* of the whole file */
	struct err err;                 /* why there is none */
	char *path, *sha256, *started_at;       /* sha256: NULL where none was taken */
	json_int_t part, parts;
};

static int answer_piece(const struct piece *piece)
{
	struct request *request = piece->request;
	const int64_t offset = param_int(request, "offset", 0);
	char *data = xmalloc(PIECE), *text;
	int64_t size;
	ssize_t n = read_piece(piece->path, offset, data, &size, &request->err);

	if (n >= 0 && offset > size)
		n = err_set(&request->err, ERR_INVALID, "offset: the recording has %lld bytes, not %lld",
			(long long)size, (long long)offset);
	if (n >= 0) {
		text = base64_text(data, (size_t)n);
		request->result = json_pack("{s:I, s:I, s:I, s:s, s:I, s:s?, s:s, s:o}", "call_id",
			(json_int_t)param_int(request, "call", 0), "part", piece->part, "parts", piece->parts,
			"started_at", piece->started_at, "size",
			(json_int_t)size, "sha256", piece->sha256, "data", text, "next",
			offset + n < size ? json_integer(offset + n) : json_null());
		free(text);
	}
	free(data);
	return n < 0 ? (int)n : 0;
}

static void piece_free(struct piece *piece)
{
	free(piece->path);
	free(piece->sha256);
	free(piece->started_at);
	free(piece);
}

/* ---- is it what was recorded? ----------------------------------------------------------------------------------- */

static void read_all(void *arg, const atomic_bool *hurry)
{
	struct piece *piece = arg;

	digest_file(piece->path, hurry, piece->digest, &piece->err);
}

static void on_read(void *arg)
{
	struct piece *piece = arg;
	struct request *request = piece->request;
	int status = piece->err.code ? err_set(&request->err, piece->err.code, "%s", piece->err.text) : 0;

	if (!status && strcmp(piece->digest, piece->sha256))
		status = err_set(&request->err, ERR_INVALID,
			"the recording %s is not what was recorded: its SHA-256 is %s, not %s", piece->path,
			piece->digest, piece->sha256);
	if (!status)
		status = answer_piece(piece);
	piece_free(piece);
	request_answer(request, status);
}

/* REQUEST_PENDING, or the piece at once: one that is not the first, or of a file without a digest. */
static int check_and_answer(struct piece *piece)
{
	struct request *request = piece->request;
	int status;

	if (piece->sha256 && !param_int(request, "offset", 0) && !access(piece->path, F_OK)) {
		work_do(request->engine, WORK_FILES, read_all, on_read, piece);
		return REQUEST_PENDING;
	}
	status = answer_piece(piece);
	piece_free(piece);
	return status;
}

/* ---- which file ------------------------------------------------------------------------------------------------- */

/* The part that is named, of the call's recordings (borrowed); NULL with an error. */
static const json_t *named_part(struct request *request, const json_t *call)
{
	const json_int_t part = param_int(request, "part", 1), id = param_int(request, "call", 0);
	const json_t *all = json_object_get(call, "recordings"), *recording = json_array_get(all, (size_t)part - 1);
	const size_t parts = json_array_size(all);
	const char *pruned = json_string_value(json_object_get(recording, "pruned_at"));

	if (!parts)
		err_set(&request->err, ERR_NOT_FOUND, "call %lld has no recording", id);
	else if (!recording)
		err_set(&request->err, ERR_NOT_FOUND, "part: the recording of call %lld has %zu, not %lld", id,
			parts, part);
	else if (json_is_null(json_object_get(recording, "ended_at")))
		err_set(&request->err, ERR_TRY_AGAIN, "the recording of call %lld is still being written", id);
	else if (pruned)
		err_set(&request->err, ERR_NOT_FOUND,
			"the recording of call %lld was deleted at the end of its retention, on %.10s", id, pruned);
	else
		return recording;
	return NULL;
}

int history_recording(struct request *request)
{
	json_t *call = history_call(request);
	const json_t *recording = call ? named_part(request, call) : NULL;
	struct piece *piece;

	if (!recording) {
		json_decref(call);
		return request->err.code;
	}
	piece = xcalloc(1, sizeof(*piece));
	*piece = (struct piece){.request = request, .part = param_int(request, "part", 1),
		.parts = (json_int_t)json_array_size(json_object_get(call, "recordings")),
		.path = xstrdup(json_string_value(json_object_get(recording, "path"))),
		.started_at = xstrdup(json_string_value(json_object_get(recording, "started_at"))),
		.sha256 = xstrdup(json_string_value(json_object_get(recording, "sha256")))};
	json_decref(call);
	return check_and_answer(piece);
}

int recording_path(struct request *request, char **path)
{
	json_t *call = history_call(request);
	const json_t *recording = call ? named_part(request, call) : NULL;
	int status = recording ? 0 : (int)request->err.code;

	*path = recording ? xstrdup(json_string_value(json_object_get(recording, "path"))) : NULL;
	if (*path && access(*path, R_OK))
		status = err_set(&request->err, ERR_UNAVAILABLE, "the recording %s %s", *path,
			errno == ENOENT ? "is missing" : strerror(errno));
	if (status < 0) {
		free(*path);
		*path = NULL;
	}
	json_decref(call);
	return status;
}
