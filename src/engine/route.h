/* route.h - where a SIP server is, and from which of our addresses the kernel reaches it.  Nothing is sent to it. */
#pragma once
#include <event2/event.h>
#include <stdbool.h>
#include "../base/err.h"

enum { ADDRESS_SIZE = 46, HOST_SIZE = 256, ROUTE_ADDRESSES_MAX = 64, ROUTE_SECONDS = 5 };

/* "sip:USER@HOST:PORT;params" in its parts; user is "" and port 0 where there is none.  An IPv6 host stands without
 * brackets. */
struct sip_uri { char user[128]; char host[HOST_SIZE]; int port; };
bool sip_uri_split(const char *text, struct sip_uri *);
bool is_ip_address(const char *text);               /* IPv4 or IPv6, in figures */

struct route {
	char local[ADDRESS_SIZE];                               /* ours */
	char remote[ROUTE_ADDRESSES_MAX][ADDRESS_SIZE];         /* all of the server's */
	size_t count; /* 0: its name has no address of its own (it may have SRV records); local is then the default
			 route's */
};
/* Takes over the addresses that the other one has beside: a name's answers may differ from time to time.  Where there
 * are too many, the one that was not named for the longest time is forgotten. */
void route_merge(struct route *, const struct route *other);
void route_add(struct route *, const char *address);            /* one more of the server's */
bool route_knows(const struct route *, const char *address);    /* of the server */

/* The interface that has this IPv4 address, when it has no other: what follows it keeps its calls when the address
 * changes.  False for IPv6, and where the address would not be found again by the interface's name. */
enum { INTERFACE_SIZE = 16 };
bool route_interface(const char *address, char name[INTERFACE_SIZE]);

/* Asks the resolver in a process of its own (getent, as the system is set up), for it may take long.  The handler is
 * called once, never from in here, and not after route_cancel().  An address in figures needs no resolver. */
typedef void (route_h)(void *arg, const struct route *, const struct err *);
struct route_query;
struct route_query *route_find(struct event_base *, const char *host, route_h *, void *arg);
void route_cancel(struct route_query *);                        /* NULL is fine */
