/* phone_config.h - what a baresip child is started with: its folder, its environment, its line. */
#pragma once
#include "engine.h"
#include "nouns.h"
#include "route.h"

enum { PHONE_FOLDER_SIZE = 4096, PHONE_LINE_EVERY = 60 /* seconds that a registration is good for */ };

/* Makes a folder of its own under home.run with `config` and the folder of modules that the station's codecs and
 * encryption need. */
int phone_folder_make(
	struct engine *, const struct station *, const struct route *, char folder[PHONE_FOLDER_SIZE], struct err *);
void phone_folder_remove(const char *folder);
void run_folders_remove(struct engine *);               /* those of phones and sound that a killed engine left */

/* Where baresip's modules are; and does the station need this one ("opus")? */
const char *phone_module_folder(void);
bool phone_needs(const struct station *, const char *module);

/* The environment: free with phone_env_free(). */
char **phone_env(const char *audio, struct err *);      /* NULL with ERR_CONFIG: a part of ours is missing */
void   phone_env_free(char **);

/* The module's line_create for the station, with its password. */
json_t *phone_line(const struct station *);
