/* ha_files.h - what a host's folder holds: rows of ha_files.def, templates compiled in. */
#ifndef OPS_HA_FILES_H
#define OPS_HA_FILES_H

#include "base/incbin.h"
#include "ops/ha.h"

extern const struct incbin ha_templates[]; /* deploy/ha/templates; ends with name == NULL */

/* The template of that name filled in. */
enum err ha_template(const char *name, ha_fill_fn *, void *arg, struct buf *out, char *why) MUST_CHECK;

struct ha_file {
	enum ha_hosts hosts;
	const char *folder, *name, *template;
	unsigned mode;
	enum ha_owner owner;
};
extern const struct ha_file ha_files[]; /* ends with name == NULL */

/* What a backup adds to the files of a host; empty where there is none. */
struct ha_backup_text {
	struct buf repo, server, peer, archive, plantao; /* lines */
	char port[8], work[HA_VALUE + 16], pg_path[HA_VALUE + 16], pg_socket[HA_VALUE + 16];
};
void ha_backup_init(struct ha_backup_text *);
enum err ha_backup_say(const struct ha_conf *, enum ha_host, struct ha_backup_text *, char *why) MUST_CHECK;
/* For templates; NULL: not one of ours. */
const char *ha_backup_fill(const struct ha_backup_text *, struct str name);
void ha_backup_free(struct ha_backup_text *); /* wiped */

struct ha_cert {
	enum ha_hosts hosts;
	const char *folder, *file;
	bool site;   /* carries the name in browsers */
	bool joined; /* certificate and key in one file, as HAProxy wants them */
	enum ha_owner owner;
};
extern const struct ha_cert ha_certs[]; /* ends with folder == NULL */

#endif
