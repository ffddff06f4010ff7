/* tls_files.h - the PEM files of a station: is what they must hold really in them? */
#pragma once
#include <stdint.h>
#include "../base/err.h"

/* Certificates of CAs: at least one.  0, or ERR_CONFIG with a sentence. */
int tls_check_ca(const char *field, const char *path, struct err *);
/* A certificate and its private key, which no password may lock; now_ms: UTC. */
int tls_check_own(const char *field, const char *path, int64_t now_ms, struct err *);
