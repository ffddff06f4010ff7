/* method_check.c - a request's parameters against the table. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "method.h"
#include "../base/clock.h"
#include "../base/str.h"
#include "../base/utf8.h"

enum { TEXT_MAX = 1024, TEXTS_MAX = 100 };

/* The text's characters are such as the parameter may hold. */
static bool characters_fit(const struct param *param, const char *s, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		bool line = param->lines && (s[i] == '\n' || s[i] == '\t');
		n = utf8_char(s + i, len - i);
		if (n == 0 || (utf8_is_control(s + i, n) && !line))
			return false;
	}
	return true;
}

static int check_choice(const char *where, const struct param *param, const char *value, struct err *err)
{
	if (str_is_choice(value, param->choices))
		return 0;
	char *right = str_choices(param->choices);
	err_set(err, ERR_INVALID, "%s: \"%s\" is \"%.80s\": it must be %s", where, param->name, value, right);
	free(right);
	return ERR_INVALID;
}

/* The value is not quoted in full: it may be a password. */
static int check_text(const char *where, const struct param *param, const json_t *value, struct err *err)
{
	if (!json_is_string(value))
		return err_set(err, ERR_INVALID, "%s: \"%s\" must be text", where, param->name);
	const char *text = json_string_value(value);
	size_t len = json_string_length(value);
	if (param->choices)
		return check_choice(where, param, text, err);
	if (len == 0 && param->clears)
		return 0;
	if (len == 0)
		return err_set(err, ERR_INVALID, "%s: \"%s\" must not be empty", where, param->name);
	size_t max = param->max ? (size_t)param->max : TEXT_MAX;
	if (len > max || len < (size_t)param->min)
		return err_set(err, ERR_INVALID, "%s: \"%s\" has %zu bytes: it may have %" PRId64 " to %zu", where,
			param->name, len, param->min > 0 ? param->min : 1, max);
	if (!characters_fit(param, text, len))
		return err_set(err, ERR_INVALID, "%s: \"%s\" holds a control character, which is not allowed there",
			where, param->name);
	return 0;
}

static int check_texts(const char *where, const struct param *param, const json_t *value, struct err *err)
{
	size_t count = json_array_size(value);
	if (!json_is_array(value))
		return err_set(err, ERR_INVALID, "%s: \"%s\" must be a list of texts", where, param->name);
	if (count < 1 || count > TEXTS_MAX)
		return err_set(err, ERR_INVALID, "%s: \"%s\" has %zu entries: it must have 1 to %d", where, param->name,
			count, TEXTS_MAX);
	for (size_t i = 0; i < count; i++) {
		int status = check_text(where, param, json_array_get(value, i), err);
		if (status < 0)
			return status;
	}
	return 0;
}

static int check_int(const char *where, const struct param *param, const json_t *value, struct err *err)
{
	if (json_is_null(value) && param->clears)
		return 0;
	if (!json_is_integer(value))
		return err_set(err, ERR_INVALID, "%s: \"%s\" must be a whole number%s", where, param->name,
			param->clears ? " or null" : "");
	int64_t number = json_integer_value(value);
	if (number >= param->min && number <= param->max)
		return 0;
	if (param->max == INT64_MAX)
		return err_set(err, ERR_INVALID, "%s: \"%s\" is %" PRId64 ": it must be %" PRId64 " or more", where,
			param->name, number, param->min);
	return err_set(err, ERR_INVALID, "%s: \"%s\" is %" PRId64 ": it must be from %" PRId64 " to %" PRId64, where,
		param->name, number, param->min, param->max);
}

static int check_moment(const char *where, const struct param *param, const json_t *value, struct err *err)
{
	int64_t ignored;
	const char *text = json_string_value(value);
	if (!text)
		return err_set(err, ERR_INVALID, "%s: \"%s\" must be text", where, param->name);
	if (!*text && param->clears)
		return 0;
	if (param->type == PARAM_DATE && !date_parse(text, &ignored))
		return err_set(err, ERR_INVALID, "%s: \"%s\" is \"%.80s\": it must be a date such as 2026-11-21", where,
			param->name, text);
	if (param->type == PARAM_TIME && !time_parse(text, &ignored))
		return err_set(err, ERR_INVALID,
			"%s: \"%s\" is \"%.80s\": it must be a time such as 2026-11-21T09:00:00Z or a date",
			where, param->name, text);
	return 0;
}

static int check_value(const char *where, const struct param *param, const json_t *value, struct err *err)
{
	switch (param->type) {
	case PARAM_TEXT:
		return check_text(where, param, value, err);
	case PARAM_TEXTS:
		return check_texts(where, param, value, err);
	case PARAM_INT:
		return check_int(where, param, value, err);
	case PARAM_TIME:
	case PARAM_DATE:
		return check_moment(where, param, value, err);
	case PARAM_BOOL:
		break;
	}
	return json_is_boolean(value) ? 0 : err_set(err, ERR_INVALID, "%s: \"%s\" must be true or false", where,
		param->name);
}

static int refuse_unknown(const struct method *method, const char *name, struct err *err)
{
	struct str all = {0};
	for (const struct param *p = method->params; p && p->name; p++)
		str_addf(&all, "%s%s", all.len ? ", " : "", p->name);
	for (const struct param *p = method_common; p->name; p++)
		if (method_param(method, p->name) == p)
			str_addf(&all, "%s%s", all.len ? ", " : "", p->name);
	err_set(err, ERR_INVALID, "%s: \"%.80s\" is not a parameter of this method (it takes %s)", method->name, name,
		all.len ? all.s : "none");
	str_free(&all);
	return ERR_INVALID;
}

int method_check(const struct method *method, const json_t *params, struct err *err)
{
	const char *name;
	json_t *value;
	if (!json_is_object(params))
		return err_set(err, ERR_INVALID, "%s: the parameters must be an object", method->name);
	json_object_foreach((json_t *)params, name, value) {
		const struct param *param = method_param(method, name);
		int status = param ? check_value(method->name, param, value, err) : refuse_unknown(method, name, err);
		if (status < 0)
			return status;
	}
	for (const struct param *p = method->params; p && p->name; p++)
		if (p->required && !json_object_get(params, p->name))
			return err_set(err, ERR_INVALID, "%s: \"%s\" is missing: %s", method->name, p->name, p->help);
	return 0;
}
