/* certificate.c - see certificate.h. */
#include "certificate.h"
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

/* Nobody is there to type one; *arg tells that it was asked for. */
static int no_password(char *out, int size, int writing, void *arg)
{
	(void)out;
	(void)size;
	(void)writing;
	*(bool *)arg = true;
	return -1;
}

/* What lies too far off for a number of milliseconds never expires. */
static int64_t expiry_ms(const X509 *x, int64_t now_ms)
{
	int days = 0, seconds = 0;

	if (!ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(x)))
		return INT64_MAX;
	return now_ms - now_ms % 1000 + ((int64_t)days * 86400 + seconds) * 1000;
}

static void note(struct certificates *all, const X509 *x, int64_t now_ms)
{
	const int64_t expires = expiry_ms(x, now_ms);

	all->expired += expires <= now_ms;
	if (!all->count)
		all->own_expiry_ms = expires;
	if (all->count++ && expires >= all->first_expiry_ms)
		return;
	all->first_expiry_ms = expires;
	if (X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, all->first, sizeof(all->first)) < 0)
		X509_NAME_oneline(X509_get_subject_name(x), all->first, sizeof(all->first));
}

static int check_key(FILE *file, X509 *first, const char *path, struct err *err)
{
	bool locked = false;
	EVP_PKEY *key;
	int rc = 0;

	rewind(file);
	key = PEM_read_PrivateKey(file, NULL, no_password, &locked);
	if (locked)
		rc = err_set(err, ERR_INVALID, "the key in %s is locked by a password: give one without", path);
	else if (!key)
		rc = err_set(err, ERR_INVALID, "%s holds no private key in PEM", path);
	else if (X509_check_private_key(first, key) != 1)
		rc = err_set(err, ERR_INVALID, "the key in %s is not that of its first certificate", path);
	EVP_PKEY_free(key);
	return rc;
}

int certificates_read(const char *path, bool with_key, int64_t now_ms, struct certificates *all, struct err *err)
{
	FILE *file = fopen(path, "re");
	X509 *x, *first = NULL;
	bool locked;
	int rc = 0;

	*all = (struct certificates){0};
	if (!file)
		return err_set(err, ERR_INVALID, "%s cannot be read: %s", path, strerror(errno));
	while ((x = PEM_read_X509(file, NULL, no_password, &locked))) {
		note(all, x, now_ms);
		if (!first)
			first = x;
		else
			X509_free(x);
	}
	if (!first)
		rc = err_set(err, ERR_INVALID, "%s holds no certificate in PEM", path);
	else if (with_key)
		rc = check_key(file, first, path, err);
	X509_free(first);
	ERR_clear_error();
	fclose(file);
	return rc;
}
