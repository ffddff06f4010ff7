/* conf.c - reading settings files. */
#include "conf.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "mem.h"
#include "str.h"
#include "utf8.h"

enum { FILE_MAX_BYTES = 1 << 20, TEXT_MAX_BYTES = 4096 };

/* One line of the file, while it is read. */
struct line {
	const char *file;
	int number;
	char *key, *value;
};

static size_t key_index(const struct conf_key *keys, size_t count, const char *name)
{
	size_t i = 0;
	while (i < count && strcmp(keys[i].name, name) != 0)
		i++;
	return i;
}

static bool is_elsewhere(const struct conf_key *keys, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (keys[i].type == CONF_ELSEWHERE && strncmp(name, keys[i].name, strlen(keys[i].name) - 1) == 0)
			return true;
	return false;
}

static int bool_value(const char *s)
{
	static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};
	for (int i = 0; i < 8; i++)
		if (strcmp(words[i], s) == 0)
			return i & 1;
	return -1;
}

static int refuse(const struct line *line, const char *right, struct err *err)
{
	return err_set(err, ERR_CONFIG, "%s, line %d: \"%s\" is \"%.200s\": it must be %s", line->file, line->number,
		line->key, line->value, right);
}

static int refuse_length(const struct line *line, const struct conf_key *key, long long max, struct err *err)
{
	return err_set(err, ERR_CONFIG, "%s, line %d: \"%s\" has %zu bytes: it must have %lld to %lld", line->file,
		line->number, line->key, strlen(line->value), (long long)key->min, max);
}

static int check_value(const struct conf_key *key, const struct line *line, struct err *err)
{
	long long max = key->max, number;
	size_t len = strlen(line->value);
	if (key->type == CONF_INT) {
		if (str_int(line->value, key->min, key->max, &number))
			return 0;
		char *right = xasprintf("a whole number from %lld to %lld", (long long)key->min, max);
		int status = refuse(line, right, err);
		free(right);
		return status;
	}
	if (key->type == CONF_BOOL)
		return bool_value(line->value) >= 0 ? 0 : refuse(line, "yes or no", err);
	if (key->type == CONF_CHOICE) {
		if (str_is_choice(line->value, key->choices))
			return 0;
		char *right = str_choices(key->choices);
		int status = refuse(line, right, err);
		free(right);
		return status;
	}
	if (!max)
		max = TEXT_MAX_BYTES;
	if (key->type == CONF_PATH && line->value[0] != '/')
		return refuse(line, "a path that begins with \"/\"", err);
	if ((long long)len < key->min || (long long)len > max)
		return refuse_length(line, key, max, err);
	return 0;
}

static char *trim(char *s)
{
	s += strspn(s, " \t");
	size_t len = strlen(s);
	while (len > 0 && (s[len - 1] == ' ' || s[len - 1] == '\t' || s[len - 1] == '\r'))
		s[--len] = '\0';
	return s;
}

/* Takes one line into values, which hold only what the file set so far. */
static int take_line(struct conf *conf, char **values, struct line *line, char *text, struct err *err)
{
	text = trim(text);
	if (!*text || *text == '#')
		return 0;
	char *equals = strchr(text, '=');
	if (!equals || equals == text)
		return err_set(err, ERR_CONFIG, "%s, line %d: \"%.200s\" is not a setting: write \"key = value\"",
			line->file, line->number, text);
	*equals = '\0';
	line->key = trim(text);
	line->value = trim(equals + 1);
	size_t i = key_index(conf->keys, conf->count, line->key);
	if (is_elsewhere(conf->keys, conf->count, line->key))
		return 0;
	if (i == conf->count)
		return err_set(err, ERR_CONFIG,
			"%s, line %d: there is no setting \"%.80s\" (its value here is \"%.200s\")",
			line->file, line->number, line->key, line->value);
	if (values[i])
		return err_set(err, ERR_CONFIG,
			"%s, line %d: \"%s\" is set a second time (to \"%.200s\"): keep one of the lines",
			line->file, line->number, line->key, line->value);
	int status = check_value(&conf->keys[i], line, err);
	if (status == 0) {
		values[i] = xstrdup(line->value);
		conf->lines[i] = line->number;
	}
	return status;
}

static int take_lines(struct conf *conf, char **values, const char *name, char *text, struct err *err)
{
	struct line line = {.file = name};
	for (char *next; text; text = next) {
		next = strchr(text, '\n');
		if (next)
			*next++ = '\0';
		line.number++;
		if (!utf8_valid(text, strlen(text)))
			return err_set(err, ERR_CONFIG, "%s, line %d: it is not UTF-8 text", name, line.number);
		int status = take_line(conf, values, &line, text, err);
		if (status < 0)
			return status;
	}
	return 0;
}

static void free_values(char **values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(values[i]);
	free(values);
}

int conf_parse(struct conf *conf, const struct conf_key *keys, size_t count, const char *name, const char *text,
	size_t len, struct err *err)
{
	*conf = (struct conf){.keys = keys, .count = count, .values = xcalloc(count, sizeof *conf->values),
		.lines = xcalloc(count, sizeof *conf->lines)};
	char **values = xcalloc(count, sizeof *values);
	int status = 0;
	if (memchr(text, '\0', len)) {
		status = err_set(err, ERR_CONFIG, "%s: it holds a NUL byte and is not a text file", name);
	} else {
		char *copy = xstrndup(text, len);
		status = take_lines(conf, values, name, copy, err);
		free(copy);
	}
	for (size_t i = 0; i < count; i++) {
		bool from_file = status == 0 && values[i];
		if (!from_file)
			conf->lines[i] = 0;
		conf->values[i] = xstrdup(from_file ? values[i] : keys[i].preset);
	}
	free_values(values, count);
	return status;
}

/* The whole file; a missing one is empty.  NULL with an error. */
static char *read_file(const char *path, size_t *len, struct err *err)
{
	*len = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 && errno == ENOENT)
		return xstrdup("");
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0) {
		err_set(err, ERR_CONFIG, "cannot read the settings %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX_BYTES) {
		err_set(err, ERR_CONFIG, "cannot read the settings %s: it is not a file of at most 1 MiB", path);
		close(fd);
		return NULL;
	}
	char *text = xmalloc((size_t)st.st_size + 1);
	ssize_t got = read(fd, text, (size_t)st.st_size);
	if (got < 0) {
		err_set(err, ERR_CONFIG, "cannot read the settings %s: %s", path, strerror(errno));
		free(text);
		text = NULL;
	} else {
		*len = (size_t)got;
	}
	close(fd);
	return text;
}

int conf_read(struct conf *conf, const struct conf_key *keys, size_t count, const char *path, struct err *err)
{
	size_t len;
	char *text = read_file(path, &len, err);
	int status = conf_parse(conf, keys, count, path, text ? text : "", len, err);
	if (!text)
		status = ERR_CONFIG;
	free(text);
	return status;
}

void conf_free(struct conf *conf)
{
	if (conf->values)
		free_values(conf->values, conf->count);
	free(conf->lines);
	*conf = (struct conf){0};
}

const char *conf_text(const struct conf *conf, const char *key)
{
	size_t i = key_index(conf->keys, conf->count, key);
	return i < conf->count ? conf->values[i] : NULL;
}

int64_t conf_int(const struct conf *conf, const char *key)
{
	long long value = 0;
	const char *text = conf_text(conf, key);
	if (text)
		str_int(text, INT64_MIN, INT64_MAX, &value);
	return value;
}

int conf_line(const struct conf *conf, const char *key)
{
	size_t i = key_index(conf->keys, conf->count, key);
	return i < conf->count && conf->lines ? conf->lines[i] : 0;
}

bool conf_bool(const struct conf *conf, const char *key)
{
	const char *text = conf_text(conf, key);
	return text && bool_value(text) == 1;
}
