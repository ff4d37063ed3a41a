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

struct ha_cert {
	enum ha_hosts hosts;
	const char *folder, *file;
	bool site;   /* carries the name in browsers */
	bool joined; /* certificate and key in one file, as HAProxy wants them */
	enum ha_owner owner;
};
extern const struct ha_cert ha_certs[]; /* ends with folder == NULL */

#endif
