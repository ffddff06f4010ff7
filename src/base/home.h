/*
 * home.h - where things are.  SPCTL_HOME puts everything of a private engine under one folder; without it a private
 * engine uses the XDG folders; the service uses /etc/spctl, /var/lib/spctl and /run/spctl.
 */
#pragma once
#include <stdbool.h>
#include "err.h"

struct home {
	bool service;
	char *data;                 /* spctl.db, recordings/ */
	char *config;               /* spctl.conf, master.key */
	char *run;                  /* spctld.sock, the children's sockets */
	char *db, *key, *conf, *recordings, *socket;
};

/* Fills in absolute paths for the private home of this process's environment, or the service's.  Makes nothing. */
int  home_find(struct home *, bool service, struct err *);
/* Makes the folders (0700; the service's unit makes its own, but for recordings/) and checks that they can be written
 * in.  ERR_CANNOT_CREATE names the folder and the system's reason. */
int  home_make(const struct home *, struct err *);
void home_free(struct home *);
