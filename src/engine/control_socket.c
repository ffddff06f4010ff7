/* control_socket.c - see control_socket.h. */
#include "control_socket.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "../base/str.h"

int control_socket(const struct home *home, struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;
	mode_t mask;

	if (!str_copy(address.sun_path, sizeof(address.sun_path), home->socket))
		return err_set(err, ERR_CANNOT_CREATE,
			"%s: the path of a socket has at most %zu bytes; choose a shorter SPCTL_HOME",
			       home->socket, sizeof(address.sun_path) - 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_set(err, ERR_CANNOT_CREATE, "a socket: %s", strerror(errno));
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)) || errno == EAGAIN) {
		close(fd);
		return err_set(err, ERR_CONFLICT, "%s: another engine answers there", home->socket);
	}
	unlink(home->socket);                   /* nobody listens: left behind by an engine that was killed */
	mask = umask(home->service ? 0117 : 0177);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 64)) {
		err_set(err, ERR_CANNOT_CREATE, "%s: %s", home->socket, strerror(errno));
		close(fd);
		fd = ERR_CANNOT_CREATE;
	}
	umask(mask);
	return fd;
}
