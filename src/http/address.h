/* address.h - network addresses: reading, printing, lists of networks, and how
 * many connections each address holds.  IPv4 is kept as IPv4 in IPv6. */
#ifndef HTTP_ADDRESS_H
#define HTTP_ADDRESS_H

#include "base/base.h"

#include <sys/socket.h>

enum { ADDRESS_TEXT = 46, NETWORKS_MAX = 64 };

struct address {
	unsigned char b[16];
};

/* "10.0.0.7", "10.0.0.7:443", "2001:db8::7", "[2001:db8::7]", "[2001:db8::7]:443". */
bool address_parse(struct str, struct address *) MUST_CHECK;
struct address address_of_socket(const struct sockaddr_storage *); /* all zero for other families */
/* With a 0 behind; IPv4 in its own form.  Returns the length. */
size_t address_print(struct address, char out[static ADDRESS_TEXT]);
bool address_is_loopback(struct address);

struct networks {
	struct network {
		struct address first;
		unsigned bits;
	} rows[NETWORKS_MAX];
	unsigned count;
};
/* "10.0.0.0/8, 192.168.1.5, 2001:db8::/32"; NULL or "": none.  false: bad is the item that is none. */
bool networks_parse(const char *list, struct networks *, struct str *bad) MUST_CHECK;
bool networks_hold(const struct networks *, struct address);

/* Connections by address, from any thread; IPv6 counts by /64, what one subscriber gets. */
struct address_counts;
struct address_counts *address_counts_new(void);   /* NULL without memory */
void address_counts_free(struct address_counts *); /* NULL is fine */
/* false: the address holds max already (or there is no memory); nothing was counted. */
bool address_enter(struct address_counts *, struct address, unsigned max) MUST_CHECK;
void address_leave(struct address_counts *, struct address);

#endif
