/* tls_files.c - the PEM files of a station, looked at before a phone is started with them: it would only fail. */
#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "tls_files.h"

static FILE *open_pem(const char *field, const char *path, struct err *err)
{
	FILE *file = fopen(path, "re");

	if (!file)
		err_set(err, ERR_CONFIG, "%s: %s cannot be read: %s", field, path, strerror(errno));
	return file;
}

/* Nobody is there to type one. */
static int no_password(char *out, int size, int writing, void *arg)
{
	(void)out;
	(void)size;
	(void)writing;
	*(bool *)arg = true;
	return -1;
}

static int check_pair(const char *field, const char *path, X509 *certificate, EVP_PKEY *key, bool locked, int64_t now_ms,
	struct err *err)
{
	time_t now = (time_t)(now_ms / 1000);

	if (!certificate)
		return err_set(err, ERR_CONFIG, "%s: %s holds no certificate in PEM", field, path);
	if (locked)
		return err_set(err, ERR_CONFIG, "%s: the key in %s is locked by a password: give one without", field, path);
	if (!key)
		return err_set(err, ERR_CONFIG, "%s: %s holds no private key in PEM", field, path);
	if (X509_check_private_key(certificate, key) != 1)
		return err_set(err, ERR_CONFIG, "%s: the key in %s is not that of its first certificate", field, path);
	if (X509_cmp_time(X509_get0_notAfter(certificate), &now) < 0)
		return err_set(err, ERR_CONFIG, "%s: the certificate in %s has expired", field, path);
	return 0;
}

int tls_check_own(const char *field, const char *path, int64_t now_ms, struct err *err)
{
	FILE *file = open_pem(field, path, err);
	bool locked = false;
	EVP_PKEY *key;
	X509 *certificate;
	int status;

	if (!file)
		return ERR_CONFIG;
	certificate = PEM_read_X509(file, NULL, no_password, &locked);
	rewind(file);
	key = PEM_read_PrivateKey(file, NULL, no_password, &locked);
	fclose(file);
	status = check_pair(field, path, certificate, key, locked, now_ms, err);
	X509_free(certificate);
	EVP_PKEY_free(key);
	return status;
}

int tls_check_ca(const char *field, const char *path, struct err *err)
{
	FILE *file = open_pem(field, path, err);
	X509 *certificate;

	if (!file)
		return ERR_CONFIG;
	certificate = PEM_read_X509(file, NULL, NULL, "");
	fclose(file);
	X509_free(certificate);
	return certificate ? 0 : err_set(err, ERR_CONFIG, "%s: %s holds no certificate in PEM", field, path);
}
