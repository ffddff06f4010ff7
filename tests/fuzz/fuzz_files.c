/* Files of others: certificates in PEM, and a key file. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../../src/base/utf8.h"
#include "../../src/crypto/certificate.h"
#include "../../src/crypto/keyfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct err *err)
{
	if (!*err->text || !utf8_valid(err->text, strlen(err->text)))
		abort();
}

static void keys(char *path)
{
	struct keyring ring = {.path = path};
	struct err err = {0};

	if (keyfile_read(&ring, &err) < 0)
		check(&err);
	for (size_t i = 0; i < ring.count; i++)
		if (!ring.keys[i].id || (i && ring.keys[i].id <= ring.keys[i - 1].id))
			abort();
	free(ring.keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/dev/shm/spctl-fuzz-XXXXXX";
	const int fd = mkstemp(path);
	struct certificates found;
	struct err err = {0};

	if (fd < 0 || fchmod(fd, 0600) || write(fd, data, size) != (ssize_t)size)
		abort();
	for (int with_key = 0; with_key < 2; with_key++)
		if (certificates_read(path, with_key, 0, &found, &err) < 0)
			check(&err);
		else if (!found.count || strlen(found.first) >= sizeof(found.first))
			abort();
	keys(path);
	unlink(path);
	close(fd);
	return 0;
}
