/* ha.h - two nodes and a witness: configuration made from one small file, put to work on each
 * host, looked at, switched over.  Patroni, etcd, HAProxy and PostgreSQL do the work. */
#ifndef OPS_HA_H
#define OPS_HA_H

#include "base/buf.h"

enum ha_host { HA_NODE1, HA_NODE2, HA_WITNESS_HOST, HA_HOSTS };
enum ha_hosts {
	HA_NODES = 1 << HA_NODE1 | 1 << HA_NODE2,
	HA_WITNESS = 1 << HA_WITNESS_HOST,
	HA_ALL = 7,
	HA_IF_BACKUP = 8, /* and only when the cluster's file says where backups go */
	HA_BACKED = HA_NODES | HA_IF_BACKUP
};
enum ha_owner { HA_ROOT, HA_ETCD, HA_POSTGRES, HA_PLANTAO };

enum ha_key {
#define HA_KEY(name, ...) HA_KEY_##name,
#include "ops/ha_conf.def"
#undef HA_KEY
	HA_KEY__MAX
};

enum { HA_VALUE = 256, HA_WHY = 400 };

struct ha_conf {
	char values[HA_KEY__MAX][HA_VALUE];
};

const char *ha_host_name(enum ha_host);
bool ha_host_parse(const char *name, enum ha_host *) MUST_CHECK;
const char *ha_address(const struct ha_conf *, enum ha_host);

/* why (HA_WHY bytes) names file, key and what is allowed. */
enum err ha_conf_read(const char *path, struct ha_conf *, char *why) MUST_CHECK;
/* Does the cluster's file say where backups go? */
bool ha_has_backup(const struct ha_conf *);
/* Is what stands for these hosts for this one? */
bool ha_is_for(const struct ha_conf *, enum ha_hosts, enum ha_host);
/* Every key with its default, for --help. */
void ha_conf_describe(struct buf *);
/* A path of the file for a host: %h is its name. */
void ha_path(const struct ha_conf *, enum ha_key, enum ha_host, char out[static HA_VALUE]);
/* Why this way to reach etcd is refused, or NULL. */
const char *ha_dcs_refused(const char *dcs);

/* Called with one line for each thing that was done. */
typedef void ha_said_fn(void *arg, const char *line);
struct ha_say {
	ha_said_fn *said;
	void *arg;
};
void ha_say(const struct ha_say *, const char *fmt, ...) PRINTF(2, 3);

/* Makes out/ca, out/secrets and a folder for each host.  What is there of authority and
 * secrets stays; the rest is made anew.  master_key: the installation's file to spread, or NULL:
 * one is made. */
enum err ha_render(const struct ha_conf *, const char *file, const char *out, const char *master_key,
        const struct ha_say *, char *why) MUST_CHECK;
/* A template's text with every @name@ filled in; @@ is an @. ERR_INVALID: an unknown name. */
typedef const char *ha_fill_fn(void *arg, struct str name); /* NULL: unknown */
enum err ha_fill(struct str template, ha_fill_fn *, void *arg, struct buf *out, char *why) MUST_CHECK;

struct ha_service {
	const char *name;
	enum ha_hosts hosts;
	enum ha_owner owner;
	const char *kill_mode, *command;
};
extern const struct ha_service ha_services[]; /* ends with name == NULL */
const char *ha_owner_name(const struct ha_conf *, enum ha_owner);
/* The service's command line for a host. */
enum err ha_command(
        const struct ha_conf *, enum ha_host, const struct ha_service *, struct buf *, char *why) MUST_CHECK;

/* One host's folder, as it was made by ha_render and put into place. */
struct ha_place {
	struct ha_conf conf;
	enum ha_host host;
	char dir[HA_VALUE];
};
enum err ha_place_open(const char *dir, struct ha_place *, char *why) MUST_CHECK;
/* Everything that can be known before anything starts; each finding is said. */
enum err ha_place_check(const struct ha_place *, const struct ha_say *, char *why) MUST_CHECK;
/* Its parts. */
enum err ha_programs(const struct ha_place *, const struct ha_say *, char *why) MUST_CHECK;
enum err ha_dcs(const struct ha_place *, const struct ha_say *, char *why) MUST_CHECK;
/* Until the first certificate ends; negative: it has. */
enum err ha_certs_left(const struct ha_place *, int64_t *days, char *why) MUST_CHECK;
/* ERR_STATE: a file that others than its owner can read. */
enum err ha_modes(const struct ha_place *, char *why) MUST_CHECK;
/* Owners, modes, empty state directories. */
enum err ha_place_prepare(const struct ha_place *, const struct ha_say *, char *why) MUST_CHECK;
/* Units for systemd, enabled and started. */
enum err ha_units(const struct ha_place *, const struct ha_say *, char *why) MUST_CHECK;
/* Where there is no systemd: starts the host's services and keeps them up, until SIGTERM. */
enum err ha_keep(const struct ha_place *, const struct ha_say *, char *why) MUST_CHECK;

/* ---- looking and doing */
struct ha_view {
	char leader[16];             /* the node that is primary, or "" */
	char standby[16];            /* a synchronous standby, or "" */
	int64_t timeline, lag_bytes; /* of the standby; -1: unknown */
	unsigned members, voters;    /* Patroni's that run, etcd's that are healthy */
	char text[2048];             /* Patroni's own table */
};
enum err ha_look(const struct ha_place *, struct ha_view *, char *why) MUST_CHECK;
/* Moves the primary; ms: how long until the other one was primary. */
enum err ha_switchover(const struct ha_place *, int64_t *ms, char *why) MUST_CHECK;
/* On the witness: takes a node out of HAProxy ("drain": waits until nobody is left, at most
 * 30 s), or back in ("ready"). */
enum err ha_balance(const struct ha_place *, enum ha_host node, const char *state, char *why) MUST_CHECK;

#endif
