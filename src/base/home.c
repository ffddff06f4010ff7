/* home.c - the folders and files of an engine. */
#include "home.h"
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "mem.h"

/* The longest name of a socket under run/, so that every one fits into sockaddr_un. */
enum { SOCKET_NAME_MAX = 24, RUN_MAX = sizeof(((struct sockaddr_un *)0)->sun_path) - 2 - SOCKET_NAME_MAX };

static char *absolute(const char *path)
{
	if (path[0] == '/')
		return xstrdup(path);
	char *here = getcwd(NULL, 0);
	char *whole = xasprintf("%s/%s", here ? here : "", path);
	free(here);
	return whole;
}

/* The user's own folder; NULL when nobody knows it. */
static const char *user_folder(void)
{
	const char *home = getenv("HOME");
	if (home && home[0] == '/')
		return home;
	const struct passwd *pw = getpwuid(geteuid());
	return pw && pw->pw_dir[0] == '/' ? pw->pw_dir : NULL;
}

/* $NAME/spctl, or the preset under the user's folder.  The XDG base directory rules ignore a relative value. */
static char *xdg(const char *name, const char *user, const char *preset)
{
	const char *value = getenv(name);
	if (value && value[0] == '/')
		return xasprintf("%s/spctl", value);
	return xasprintf("%s/%s/spctl", user, preset);
}

static int private_folders(struct home *home, struct err *err)
{
	const char *dir = getenv("SPCTL_HOME");
	if (dir && *dir) {
		home->data = absolute(dir);
		home->config = xstrdup(home->data);
		home->run = xasprintf("%s/run", home->data);
		return 0;
	}
	const char *user = user_folder();
	if (!user)
		return err_set(err, ERR_CONFIG, "no home folder is known: set HOME or SPCTL_HOME to an absolute path");
	home->data = xdg("XDG_DATA_HOME", user, ".local/share");
	home->config = xdg("XDG_CONFIG_HOME", user, ".config");
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	home->run = runtime && runtime[0] == '/' ? xasprintf("%s/spctl", runtime) : xasprintf("%s/run", home->data);
	return 0;
}

/* baresip takes its modules from there, and ends the name of a folder at a blank. */
static int check_run(const char *run, struct err *err)
{
	const char *own = getenv("SPCTL_HOME");
	if (strlen(run) > RUN_MAX)
		return err_set(err, ERR_CONFIG, "the folder for sockets, %s, has too long a path: at most %d bytes",
			run, (int)RUN_MAX);
	if (run[strcspn(run, " \t\r\n")])
		return err_set(err, ERR_CONFIG,
			"the folder for sockets, %s, has a blank in its path: set %s to one without",
			run, own && *own ? "SPCTL_HOME" : "XDG_RUNTIME_DIR");
	return 0;
}

int home_find(struct home *home, bool service, struct err *err)
{
	*home = (struct home){.service = service};
	if (service) {
		home->data = xstrdup("/var/lib/spctl");
		home->config = xstrdup("/etc/spctl");
		home->run = xstrdup("/run/spctl");
	} else {
		int status = private_folders(home, err);
		if (status < 0)
			return status;
	}
	int status = check_run(home->run, err);
	if (status < 0) {
		home_free(home);
		return status;
	}
	home->db = xasprintf("%s/spctl.db", home->data);
	home->recordings = xasprintf("%s/recordings", home->data);
	home->key = xasprintf("%s/master.key", home->config);
	home->conf = xasprintf("%s/spctl.conf", home->config);
	home->socket = xasprintf("%s/spctld.sock", home->run);
	return 0;
}

static int cannot(const char *what, const char *path, const char *why, struct err *err)
{
	return err_set(err, ERR_CANNOT_CREATE, "cannot %s the folder %s: %s", what, path, why);
}

/* Makes it with the folders above it, and checks that it is ours to write in. */
static int make_folder(const char *path, struct err *err)
{
	char *whole = xstrdup(path);
	int failed = 0;
	for (char *slash = strchr(whole + 1, '/'); slash && !failed; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(whole, 0700) < 0 && errno != EEXIST && access(whole, X_OK) < 0)
			failed = errno;
		*slash = '/';
	}
	free(whole);
	if (!failed && mkdir(path, 0700) < 0 && errno != EEXIST)
		failed = errno;
	if (failed)
		return cannot("make", path, strerror(failed), err);
	struct stat st;
	if (stat(path, &st) < 0)
		return cannot("use", path, strerror(errno), err);
	if (!S_ISDIR(st.st_mode))
		return cannot("use", path, "it is not a folder", err);
	if (access(path, W_OK | X_OK) < 0)
		return cannot("write in", path, strerror(errno), err);
	return 0;
}

int home_make(const struct home *home, struct err *err)
{
	if (home->service)
		return make_folder(home->recordings, err);
	const char *const folders[] = {home->data, home->config, home->run, home->recordings};
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		int status = make_folder(folders[i], err);
		struct stat st;
		if (status < 0)
			return status;
		if (stat(folders[i], &st) == 0 && st.st_uid != geteuid())
			return cannot("use", folders[i], "it belongs to another user", err);
	}
	return 0;
}

void home_free(struct home *home)
{
	char *all[] = {home->data, home->config, home->run, home->db, home->key, home->conf, home->recordings,
		       home->socket};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		free(all[i]);
	*home = (struct home){0};
}
