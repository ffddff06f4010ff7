/*
 * home.h - where things are (contract.md).  SPCTL_HOME puts a private engine's all under one folder; without it a private
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
/* Makes the folders (0700, service: as its unit made them).  ERR_CANNOT_CREATE names the folder and the system's reason. */
int  home_make(const struct home *, struct err *);
void home_free(struct home *);
