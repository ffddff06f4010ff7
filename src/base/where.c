/* where.c - our own files at run time.  The Makefile gives the installed folders as SPCTL_..DIR. */
#include "where.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "mem.h"
#include "str.h"

/* In the order in which they are tried; "~" is the folder of this executable. */
static const char *const places[][5] = {
	[WHERE_PROGRAM] = {"~", "~/../../bin", "~/../libexec/spctl", SPCTL_BINDIR, SPCTL_LIBEXECDIR},
	[WHERE_MODULE] = {"~/../lib/spctl", "~/../../lib/spctl", SPCTL_LIBDIR},
	[WHERE_SHARE] = {"~/../share/spctl", "~/../../share/spctl", SPCTL_DATADIR},
};

static char *own_folder(void)
{
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
	if (len <= 0)
		return NULL;
	path[len] = '\0';
	char *slash = strrchr(path, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	return xstrdup(path);
}

/* Without "x/../", so that the path reads well in logs and in /proc.  NULL when nothing is there. */
static char *existing(const char *folder, const char *own, const char *name)
{
	if (folder[0] == '~' && !own)
		return NULL;
	char *path = folder[0] == '~' ? xasprintf("%s%s/%s", own, folder + 1, name) : xasprintf("%s/%s", folder, name);
	char *real = access(path, R_OK) == 0 ? realpath(path, NULL) : NULL;
	free(path);
	return real;
}

char *where_find(enum where_kind kind, const char *name, struct err *err)
{
	char *own = own_folder(), *found = NULL;
	struct str tried = {0};
	for (size_t i = 0; i < 5 && places[kind][i] && !found; i++) {
		const char *folder = places[kind][i];
		found = existing(folder, own, name);
		if (folder[0] != '~')
			str_addf(&tried, "%s%s", tried.len ? ", " : "", folder);
	}
	if (!found)
		err_set(err, ERR_CONFIG, "%s was not found beside this program (%s) nor in %s: install spctl again",
			name, own ? own : "unknown", tried.s);
	free(own);
	str_free(&tried);
	return found;
}
