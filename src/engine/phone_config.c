/* phone_config.c - what a baresip child is started with. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../base/clock.h"
#include "../base/conf.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../base/where.h"
#include "../crypto/certificate.h"
#include "phone_config.h"

/* Debian's folder; other distributions keep to the second. */
static const char *const module_folders[] = {
	"/usr/lib/baresip/modules", "/usr/lib64/baresip/modules", "/usr/local/lib/baresip/modules"};

/* A codec by its name in station settings: baresip's name for it, and the module that has it. */
static const struct codec { const char *name, *codec, *module; } codecs[] = {
	{"pcmu", "PCMU/8000/1", "g711"},
	{"pcma", "PCMA/8000/1", "g711"},
	{"g722", "G722/16000/1", "g722"},
	{"opus", "opus/48000/2", "opus"},
};
enum { CODECS = sizeof(codecs) / sizeof(codecs[0]), MODULES_MAX = 8 };

/* Every G.711 PBX and trunk takes these two. */
static const char preset_codecs[] = "pcmu,pcma";

struct modules { const char *names[MODULES_MAX]; size_t count; };

/* ---- what a station needs --------------------------------------------------------------------------------------- */

static void need(struct modules *modules, const char *name)
{
	for (size_t i = 0; i < modules->count; i++)
		if (!strcmp(modules->names[i], name))
			return;
	modules->names[modules->count++] = name;
}

/* Calls back with each codec that the station names, in its order; unknown ones were refused when it was set. */
static void each_codec(const struct station *station, void (*found)(const struct codec *, void *), void *arg)
{
	const char *list = station->codecs && *station->codecs ? station->codecs : preset_codecs;

	for (const char *at = list; *at; ) {
		const size_t skip = strspn(at, ", "), len = strcspn(at + skip, ", /");

		for (size_t i = 0; i < CODECS; i++)
			if (len == strlen(codecs[i].name) && !strncasecmp(at + skip, codecs[i].name, len))
				found(&codecs[i], arg);
		at += skip + len;
		at += strcspn(at, ", ");
	}
}

static void need_codec(const struct codec *codec, void *arg)
{
	need(arg, codec->module);
}

static void add_codec(const struct codec *codec, void *arg)
{
	struct str *names = arg;

	str_addf(names, "%s%s", names->len ? "," : "audio_codecs=", codec->codec);
}

static const char *media_encryption(const struct station *station)
{
	if (!strcmp(station->media_enc, "sdes"))
		return "srtp-mand";
	return strcmp(station->media_enc, "dtls") ? NULL : "dtls_srtp";
}

static void modules_for(const struct station *station, struct modules *modules)
{
	each_codec(station, need_codec, modules);
	need(modules, "alsa");
	if (!strcmp(station->media_enc, "sdes"))
		need(modules, "srtp");
	if (!strcmp(station->media_enc, "dtls"))
		need(modules, "dtls_srtp");
	if (strcmp(station->nat, "none"))
		need(modules, station->nat);            /* they are named alike */
}

bool phone_needs(const struct station *station, const char *module)
{
	struct modules modules = {.count = 0};

	modules_for(station, &modules);
	for (size_t i = 0; i < modules.count; i++)
		if (!strcmp(modules.names[i], module))
			return true;
	return false;
}

/* ---- the folder ------------------------------------------------------------------------------------------------- */

const char *phone_module_folder(void)
{
	for (size_t i = 0; i < sizeof(module_folders) / sizeof(module_folders[0]); i++)
		if (!access(module_folders[i], X_OK))
			return module_folders[i];
	return module_folders[0];
}

static int link_module(const char *folder, const char *from, const char *name, struct err *err)
{
	char *target = xasprintf("%s/%s.so", from, name), *link = xasprintf("%s/modules/%s.so", folder, name);
	int status = 0;

	if (access(target, R_OK))
		status = err_set(err, ERR_CONFIG, "baresip's module %s is missing (%s): install baresip-core",
			name, target);
	else if (symlink(target, link))
		status = err_set(err, ERR_CANNOT_CREATE, "%s: %s", link, strerror(errno));
	free(target);
	free(link);
	return status;
}

static int link_modules(const char *folder, const struct modules *modules, struct err *err)
{
	const char *from = phone_module_folder();
	char *ours = where_find(WHERE_MODULE, "spctl.so", err), *link = xasprintf("%s/modules/spctl.so", folder);
	int status = ours ? 0 : ERR_CONFIG;

	for (size_t i = 0; i < modules->count && !status; i++)
		status = link_module(folder, from, modules->names[i], err);
	if (!status && symlink(ours, link))
		status = err_set(err, ERR_CANNOT_CREATE, "%s: %s", link, strerror(errno));
	free(ours);
	free(link);
	return status;
}

static const char system_ca[] = "/etc/ssl/certs/ca-certificates.crt";

/* Before a phone is started with the file: it would only fail.  own: the key must be there, and nothing out of date. */
static int check_file(const char *field, const char *path, bool own, struct err *err)
{
	const int64_t now = clock_now_ms();
	struct certificates found;

	if (certificates_read(path, own, now, &found, err) < 0)
		return err_set(err, ERR_CONFIG, "%s: %s", field, err->text);
	if (own && found.own_expiry_ms <= now)
		return err_set(err, ERR_CONFIG, "%s: the certificate in %s has expired", field, path);
	return 0;
}

static int check_files(const struct station *station, struct err *err)
{
	int status = 0;

	if (strcmp(station->transport, "tls"))
		return 0;
	if (station->tls_verify)
		status = check_file("tls_ca", station->tls_ca ? station->tls_ca : system_ca, false, err);
	return status || !station->tls_cert ? status : check_file("tls_cert", station->tls_cert, true, err);
}

/* "192.0.2.1, 192.0.2.2:5353"; auto: those of the system. */
static void write_name_servers(struct str *out, struct engine *engine)
{
	const char *list = conf_text(engine->conf, "sip.dns");

	if (!strcmp(list, "auto"))
		return;
	for (const char *at = list + strspn(list, ", "); *at; at += strspn(at, ", ")) {
		const size_t len = strcspn(at, ", ");
		const bool bare = !memchr(at, ':', len);

		str_addf(out, "dns_server %.*s%s\n", (int)len, at, bare ? ":53" : "");
		at += len;
	}
}

/*
 * The engine owns every timeout and tone; no device but the slots of our plugin is ever opened.  The audio buffer
 * smooths the network's jitter and a busy machine's pauses, so it is longer than baresip's preset
 * (tests/media/test_gaps.py).  The jitter buffer gives out a packet for each that comes: it only puts one in its
 * place that was overtaken by another, and delays every call by what it holds.
 */
static void write_config(struct str *out, struct engine *engine, const struct station *station,
	const struct route *route, const struct modules *modules, const char *folder)
{
	const bool v6 = strchr(route->local, ':');
	char *ports = xstrdup(conf_text(engine->conf, "sip.rtp_ports")), interface[INTERFACE_SIZE];

	if (!strcmp(conf_text(engine->conf, "sip.address"), "auto") && route_interface(route->local, interface))
		str_addf(out, "sip_listen 0.0.0.0:0\nnet_interface %s\n", interface); /* its address, whatever it is */
	else
		str_addf(out, v6 ? "sip_listen [%s]:0\nnet_interface %s\n" : "sip_listen %s:0\nnet_interface %s\n",
			route->local, route->local);
	str_addf(out, "module_path %s/modules\nrtp_ports %s\n", folder, ports);
	str_add(out, "call_max_calls 16\ncall_local_timeout 600\ncall_hold_other_calls no\nrtp_timeout 0\n"
		     "audio_player alsa,spctl:none\naudio_source alsa,spctl:none\naudio_alert alsa,spctl:none\n"
		     "audio_path /nonexistent\nringback_disabled yes\naudio_buffer 40-160\njitter_buffer_delay 1-10\n"
		     "statmode_default off\n"
		     "sip_verify_server no\n");              /* the guard does, better: guard.c */
	if (!strcmp(station->transport, "tls"))
		str_addf(out, "sip_cafile %s\n",
			station->tls_ca ? station->tls_ca : system_ca);
	if (station->tls_cert && !strcmp(station->transport, "tls"))
		str_addf(out, "sip_certificate %s\n", station->tls_cert);
	write_name_servers(out, engine);
	for (size_t i = 0; i < modules->count; i++)
		str_addf(out, "module %s.so\n", modules->names[i]);
	str_add(out, "module_app spctl.so\n");
	free(ports);
}

static int write_file(const char *folder, const struct str *text, struct err *err)
{
	char *path = xasprintf("%s/config", folder);
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int status = 0;

	if (fd < 0 || write(fd, text->s, text->len) != (ssize_t)text->len)
		status = err_set(err, ERR_CANNOT_CREATE, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(path);
	return status;
}

int phone_folder_make(struct engine *engine, const struct station *station, const struct route *route,
	char folder[PHONE_FOLDER_SIZE], struct err *err)
{
	struct modules modules = {.count = 0};
	struct str text = {0};
	char *inside;
	int status = 0;

	snprintf(folder, PHONE_FOLDER_SIZE, "%s/phone-XXXXXX", engine->home.run);
	if (!mkdtemp(folder)) {
		folder[0] = '\0';
		return err_set(err, ERR_CANNOT_CREATE, "a folder under %s: %s", engine->home.run, strerror(errno));
	}
	inside = xasprintf("%s/modules", folder);
	if (mkdir(inside, 0700))
		status = err_set(err, ERR_CANNOT_CREATE, "%s: %s", inside, strerror(errno));
	free(inside);
	modules_for(station, &modules);
	if (!status)
		status = check_files(station, err);
	if (!status)
		status = link_modules(folder, &modules, err);
	write_config(&text, engine, station, route, &modules, folder);
	if (!status)
		status = write_file(folder, &text, err);
	str_free(&text);
	if (status) {
		phone_folder_remove(folder);
		folder[0] = '\0';
	}
	return status;
}

static void remove_inside(const char *folder)
{
	DIR *dir = opendir(folder);

	for (const struct dirent *entry; dir && (entry = readdir(dir)); )
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(folder);
}

void phone_folder_remove(const char *folder)
{
	char *inside = xasprintf("%s/modules", folder);

	if (*folder) {
		remove_inside(inside);
		remove_inside(folder);
	}
	free(inside);
}

void run_folders_remove(struct engine *engine)
{
	DIR *dir = opendir(engine->home.run);

	for (const struct dirent *entry; dir && (entry = readdir(dir)); )
		if (str_starts(entry->d_name, "phone-") || str_starts(entry->d_name, "sound-")) {
			char *folder = xasprintf("%s/%s", engine->home.run, entry->d_name);
			phone_folder_remove(folder);
			free(folder);
		}
	if (dir)
		closedir(dir);
}

/* ---- environment and line --------------------------------------------------------------------------------------- */

#ifdef __SANITIZE_ADDRESS__
static int note_runtime(struct dl_phdr_info *object, size_t size, void *arg)
{
	(void)size;
	if (strstr(object->dlpi_name, "/libasan.so"))
		*(char **)arg = xasprintf("%s ", object->dlpi_name);
	return *(char **)arg != NULL;
}

/* A build with sanitizers: the stock baresip takes its modules only with the runtime that they need loaded first. */
static char *preload_first(void)
{
	char *runtime = NULL;

	dl_iterate_phdr(note_runtime, &runtime);
	return runtime ? runtime : xstrdup("");
}
static const char sanitizer_options[] = "ASAN_OPTIONS=detect_leaks=0:abort_on_error=1";
#else
static char *preload_first(void)
{
	return xstrdup("");
}
static const char *const sanitizer_options = NULL;
#endif

char **phone_env(const char *audio, struct err *err)
{
	char *guard = where_find(WHERE_MODULE, "guard.so", err);
	char *plugin = guard ? where_find(WHERE_MODULE, "libasound_module_pcm_spctl.so", err) : NULL;
	char *asound = plugin ? where_find(WHERE_SHARE, "asound.conf", err) : NULL;
	char **env = NULL;

	if (asound && guard[strcspn(guard, " \t:")]) {
		err_set(err, ERR_CONFIG, "%s cannot be loaded into baresip, since its path has a blank or a colon: "
			"install spctl in another folder", guard);
	} else if (asound) {
		char *first = preload_first();
		env = xcalloc(8, sizeof(*env));
		*strrchr(plugin, '/') = '\0';
		env[0] = xstrdup("PATH=/usr/bin:/bin");
		env[1] = xstrdup("SPCTL_CONTROL=fd:3");
		env[2] = xasprintf("SPCTL_AUDIO=%s", audio ? audio : "/nonexistent");
		env[3] = xasprintf("LD_PRELOAD=%s%s", first, guard);
		env[4] = xasprintf("ALSA_PLUGIN_DIR=%s", plugin);
		env[5] = xasprintf("ALSA_CONFIG_PATH=%s", asound);
		env[6] = xstrdup(sanitizer_options);
		free(first);
	}
	free(guard);
	free(asound);
	free(plugin);
	return env;
}

void phone_env_free(char **env)
{
	for (size_t i = 0; env && env[i]; i++)
		free(env[i]);
	free(env);
}

static char *with_transport(const char *uri, const char *transport)
{
	return xasprintf("%s%s%s", uri, strcmp(transport, "udp") ? ";transport=" : "",
		strcmp(transport, "udp") ? transport : "");
}

static void set_text(json_t *object, const char *name, const char *value)
{
	if (value && *value)
		json_object_set_new(object, name, json_string(value));
}

/* STUN and TURN find out how the far end sees us; ICE tries every way there is, and does without a server as well. */
static void set_nat(json_t *line, const struct station *station)
{
	if (!strcmp(station->nat, "none"))
		return;
	set_text(line, "nat", station->nat);
	set_text(line, "nat_server", station->nat_server);
	set_text(line, "nat_user", station->nat_user);
	set_text(line, "nat_password", station->nat_password);
}

json_t *phone_line(const struct station *station)
{
	const char *proxy = station->outbound_proxy && *station->outbound_proxy ? station->outbound_proxy : NULL;
	char *aor = with_transport(station->sip_uri, station->transport);
	json_t *line = json_pack("{s:s, s:s, s:s, s:i}", "do", "line_create", "line", "line", "aor", aor,
				 "every", station->registers ? PHONE_LINE_EVERY : 0);
	struct str params = {0};
	struct sip_uri server;

	each_codec(station, add_codec, &params);
	set_text(line, "params", params.s);
	set_text(line, "user", station->auth_user);
	set_text(line, "password", station->password);
	set_text(line, "mediaenc", media_encryption(station));
	set_text(line, "registrars", station->registrars);
	set_nat(line, station);
	if (proxy) {
		char *outbound = with_transport(proxy, station->transport);
		set_text(line, "outbound", outbound);
		free(outbound);
	}
	if (!strcmp(station->transport, "tls") && sip_uri_split(proxy ? proxy : station->sip_uri, &server))
		set_text(line, "tls_host", server.host);
	if (!strcmp(station->transport, "tls") && !station->tls_verify)
		json_object_set_new(line, "unverified", json_true());
	str_free(&params);
	free(aor);
	return line;
}
