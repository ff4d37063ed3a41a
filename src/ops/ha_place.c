/* ha_place.c - a host's folder on its host: what can be checked before anything starts, and
 * owners, modes and directories. */
#include "ops/ha_files.h"
#include "sys/cert.h"
#include "sys/crypto.h"
#include "sys/files.h"
#include "sys/run.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHECK_MS = 20000, OUTPUT_MAX = 64 << 10, DAY_MS = 86400000, CERT_SOON_DAYS = 30 };

const struct ha_file ha_files[] = {
#define HA_FILE(hosts, folder, name, template, mode, owner) { hosts, folder, name, template, mode, owner },
#include "ops/ha_files.def"
#undef HA_FILE
	{ 0 },
};

const struct ha_cert ha_certs[] = {
#define HA_CERT(hosts, folder, file, site, joined, owner) { hosts, folder, file, site, joined, owner },
#include "ops/ha_files.def"
#undef HA_CERT
	{ 0 },
};

const struct ha_service ha_services[] = {
#define HA_SERVICE(name, hosts, owner, kill_mode, command) { #name, hosts, owner, kill_mode, command },
#include "ops/ha_files.def"
#undef HA_SERVICE
	{ 0 },
};

const char *
ha_owner_name(const struct ha_conf *c, enum ha_owner owner)
{
	switch (owner) {
	case HA_ETCD: return c->values[HA_KEY_etcd_user];
	case HA_POSTGRES: return c->values[HA_KEY_postgres_user];
	case HA_PLANTAO: return c->values[HA_KEY_plantao_user];
	case HA_ROOT: break;
	}
	return "root";
}

enum err
ha_place_open(const char *dir, struct ha_place *out, char *why)
{
	char path[PATH_MAX], real[PATH_MAX], name[16] = "", wanted[HA_VALUE];
	struct ha_place p = { 0 };
	size_t n = 0;

	if (realpath(dir, real) == NULL || strlen(real) >= HA_VALUE) {
		snprintf(why, HA_WHY, "%.200s: %s", dir, strerror(errno));
		return ERR_NOT_FOUND;
	}
	snprintf(path, sizeof path, "%.255s/host", real);
	TRY(file_read_into(path, name, sizeof name - 1, &n, why));
	if (!ha_host_parse(name, &p.host)) {
		snprintf(why, HA_WHY, "%.250s names no host of a cluster", path);
		return ERR_INVALID;
	}
	snprintf(path, sizeof path, "%.255s/ha.conf", real);
	TRY(ha_conf_read(path, &p.conf, why));
	ha_path(&p.conf, HA_KEY_config_dir, p.host, wanted);
	if (strcmp(real, wanted) != 0) {
		snprintf(why, HA_WHY, "%.120s is %s's folder and belongs to %.120s: copy it there first",
		        real, name, wanted);
		return ERR_STATE;
	}
	snprintf(p.dir, sizeof p.dir, "%s", wanted);
	*out = p;
	return OK;
}

/* ---- checks */

static enum err
check_address(const struct ha_place *p, const struct ha_say *say, char *why)
{
	const char *own = ha_address(&p->conf, p->host);
	struct ifaddrs *all = NULL;
	struct in_addr a;
	bool found = false;

	inet_pton(AF_INET, own, &a);
	if (getifaddrs(&all) == 0)
		for (struct ifaddrs *i = all; i != NULL; i = i->ifa_next)
			found |= i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_INET &&
			         ((struct sockaddr_in *)(void *)i->ifa_addr)->sin_addr.s_addr == a.s_addr;
	freeifaddrs(all);
	/* All of 127/8 is this machine's, named or not: clusters for trying out live there. */
	found |= (ntohl(a.s_addr) >> 24) == 127;
	if (!found) {
		snprintf(why, HA_WHY, "this host does not have %s, the address of %s", own,
		        ha_host_name(p->host));
		return ERR_STATE;
	}
	ha_say(say, "ok     this host has %s", own);
	return OK;
}

/* Its first words, e.g. "patroni 3.0.2". */
static void
first_line(const char *program, const char *flag, char out[static 120])
{
	const char *argv[] = { program, flag, NULL };
	struct buf b;

	out[0] = 0;
	buf_init(&b, OUTPUT_MAX);
	if (run_program(argv, CHECK_MS, &b) == 0 && b.p != NULL)
		snprintf(out, 120, "%.*s",
		        (int)strcspn(b.p, "\n") < (int)b.n ? (int)strcspn(b.p, "\n") : (int)b.n, b.p);
	buf_free(&b);
}

enum err
ha_programs(const struct ha_place *p, const struct ha_say *say, char *why)
{
	for (const struct ha_service *s = ha_services; s->name != NULL; s++) {
		char program[HA_VALUE], version[120];
		struct buf command;

		if (!ha_is_for(&p->conf, s->hosts, p->host))
			continue;
		buf_init(&command, OUTPUT_MAX);
		TRY(ha_command(&p->conf, p->host, s, &command, why));
		snprintf(program, sizeof program, "%.*s", (int)strcspn(command.p, " "), command.p);
		buf_free(&command);
		if (access(program, X_OK) != 0) {
			snprintf(why, HA_WHY,
			        "%s: %s; install it (Debian: etcd-server, etcd-client, patroni, "
			        "postgresql-15, haproxy, pgbackrest)",
			        program, strerror(errno));
			return ERR_NOT_FOUND;
		}
		first_line(program,
		        strcmp(s->name, "haproxy") == 0                        ? "-v"
		        : strcmp(program, p->conf.values[HA_KEY_program]) == 0 ? "version"
		        : strcmp(s->name, "pgbackrest") == 0                   ? "version"
		                                                               : "--version",
		        version);
		ha_say(say, "ok     %s: %s", s->name, version);
	}
	return OK;
}

enum err
ha_certs_left(const struct ha_place *p, int64_t *days, char *why)
{
	int64_t now_ms = clock_now().ms, least = INT64_MAX;

	for (const struct ha_cert *c = ha_certs; c->folder != NULL; c++) {
		char path[2 * HA_VALUE];
		struct instant ends;

		if (!ha_is_for(&p->conf, c->hosts, p->host))
			continue;
		snprintf(path, sizeof path, "%s/%s/%s.pem", p->dir, c->folder, c->file);
		TRY(cert_ends(path, &ends, why));
		if ((ends.ms - now_ms) / DAY_MS < least)
			least = (ends.ms - now_ms) / DAY_MS - (ends.ms < now_ms);
	}
	*days = least;
	return OK;
}

static enum err
check_certs(const struct ha_place *p, const struct ha_say *say, char *why)
{
	int64_t days = 0;

	TRY(ha_certs_left(p, &days, why));
	if (days < 0) {
		snprintf(why, HA_WHY, "a certificate has ended: `plantao ha init` makes new ones");
		return ERR_STATE;
	}
	ha_say(say, "%s     certificates are good for %lld days", days < CERT_SOON_DAYS ? "!!" : "ok",
	        (long long)days);
	return OK;
}

static enum err
mode_of(const struct ha_place *p, const char *folder, const char *name, char *why)
{
	char path[2 * HA_VALUE + 80];
	struct stat st;

	snprintf(path, sizeof path, "%s/%s/%s", p->dir, folder, name);
	if (stat(path, &st) == 0 && (st.st_mode & 077) == 0)
		return OK;
	snprintf(why, HA_WHY, "%.250s can be read by others, or is missing", path);
	return ERR_STATE;
}

enum err
ha_modes(const struct ha_place *p, char *why)
{
	unsigned bit = 1u << p->host;

	for (const struct ha_file *f = ha_files; f->name != NULL; f++)
		if (ha_is_for(&p->conf, f->hosts, p->host) && (f->mode & 077) == 0)
			TRY(mode_of(p, f->folder, f->name, why));
	for (const struct ha_cert *c = ha_certs; c->folder != NULL; c++) {
		char name[80];

		snprintf(name, sizeof name, "%s.%s", c->file, c->joined ? "pem" : "key");
		if (ha_is_for(&p->conf, c->hosts, p->host))
			TRY(mode_of(p, c->folder, name, why));
	}
	return (HA_NODES & bit) ? mode_of(p, "plantao", "master.key", why) : OK;
}

/* What was written by hand since must not bring back what init refuses. */
enum err
ha_dcs(const struct ha_place *p, const struct ha_say *say, char *why)
{
	char path[2 * HA_VALUE];
	struct buf b;
	enum err err;

	snprintf(path, sizeof path, "%s/patroni/patroni.yml", p->dir);
	buf_init(&b, OUTPUT_MAX);
	err = file_read(path, OUTPUT_MAX, &b, why);
	if (err == OK) {
		buf_byte(&b, 0);
		if (strncmp(b.p, "etcd3:", 6) == 0 || strstr(b.p, "\netcd3:") != NULL) {
			snprintf(why, HA_WHY, "%.100s: must be %.280s", path, ha_dcs_refused("etcd3"));
			err = ERR_INVALID;
		}
	}
	buf_free(&b);
	if (err == OK)
		ha_say(say, "ok     Patroni speaks etcd's v2 API");
	return err;
}

static enum err
check_haproxy(const struct ha_place *p, const struct ha_say *say, char *why)
{
	char path[2 * HA_VALUE];
	const char *argv[] = { "/usr/sbin/haproxy", "-c", "-f", path, NULL };
	struct buf b;
	int exit;

	if (p->host != HA_WITNESS_HOST)
		return OK;
	snprintf(path, sizeof path, "%s/haproxy/haproxy.cfg", p->dir);
	buf_init(&b, OUTPUT_MAX);
	exit = run_program(argv, CHECK_MS, &b);
	if (exit != 0)
		snprintf(why, HA_WHY, "haproxy refuses %.200s: %.*s", path, (int)(b.n > 150 ? 150 : b.n),
		        b.p ? b.p : "");
	else
		ha_say(say, "ok     haproxy accepts its configuration");
	buf_free(&b);
	return exit == 0 ? OK : ERR_INVALID;
}

enum err
ha_place_check(const struct ha_place *p, const struct ha_say *say, char *why)
{
	TRY(check_address(p, say, why));
	TRY(ha_programs(p, say, why));
	TRY(ha_dcs(p, say, why));
	TRY(check_certs(p, say, why));
	return check_haproxy(p, say, why);
}

/* ---- owners and directories */

static enum err
own(const char *path, const char *user, unsigned mode, char *why)
{
	struct passwd *pw = getpwnam(user);

	if (pw == NULL) {
		snprintf(why, HA_WHY, "there is no account %.60s on this host", user);
		return ERR_NOT_FOUND;
	}
	if (chmod(path, mode) != 0 || (getuid() == 0 && chown(path, pw->pw_uid, pw->pw_gid) != 0)) {
		snprintf(why, HA_WHY, "%.300s: %s", path, strerror(errno));
		return ERR_INTERNAL;
	}
	return OK;
}

static enum err
own_file(const struct ha_place *p, const char *folder, const char *name, enum ha_owner owner, unsigned mode,
        char *why)
{
	char path[2 * HA_VALUE + 80];

	snprintf(path, sizeof path, "%s/%s/%s", p->dir, folder, name);
	return own(path, ha_owner_name(&p->conf, owner), mode, why);
}

static enum err
own_cert(const struct ha_place *p, const struct ha_cert *c, char *why)
{
	char name[80];

	snprintf(name, sizeof name, "%s.%s", c->file, c->joined ? "pem" : "key");
	return own_file(p, c->folder, name, c->owner, 0600, why);
}

static enum err
own_state(const struct ha_place *p, const struct ha_service *s, char *why)
{
	char path[2 * HA_VALUE];

	ha_path(&p->conf, HA_KEY_state_dir, p->host, path);
	TRY(file_make_dir(path, 0755, why));
	snprintf(path + strlen(path), HA_VALUE, "/%s", s->name);
	TRY(file_make_dir(path, 0700, why));
	TRY(own(path, ha_owner_name(&p->conf, s->owner), 0700, why));
	if (strcmp(s->name, "patroni") != 0)
		return OK;
	ha_path(&p->conf, HA_KEY_state_dir, p->host, path);
	snprintf(path + strlen(path), HA_VALUE, "/postgres");
	TRY(file_make_dir(path, 0700, why));
	return own(path, ha_owner_name(&p->conf, s->owner), 0700, why);
}

static enum err
own_below(const char *dir, const char *name, const char *user, unsigned mode, char *why)
{
	char path[2 * HA_VALUE];

	snprintf(path, sizeof path, "%s%s", dir, name);
	TRY(file_make_dir(path, mode, why));
	return own(path, user, mode, why);
}

/* pgBackRest's queue and repository are PostgreSQL's account's; what the server signs beside the
 * repository is its own. */
static enum err
own_backup(const struct ha_place *p, char *why)
{
	static const char *const below[] = { "", "/spool", "/lock", "/log" };
	const char *postgres = ha_owner_name(&p->conf, HA_POSTGRES), *dir = p->conf.values[HA_KEY_backup_dir];
	char work[2 * HA_VALUE];

	TRY(own_file(p, "plantao", "backup.key", HA_PLANTAO, 0600, why));
	ha_path(&p->conf, HA_KEY_state_dir, p->host, work);
	snprintf(work + strlen(work), HA_VALUE, "/pgbackrest");
	for (size_t i = 0; i < COUNT(below); i++)
		TRY(own_below(work, below[i], postgres, 0700, why));
	if (dir[0] == 0)
		return OK;
	TRY(file_make_dir(dir, 0755, why));
	TRY(own(dir, ha_owner_name(&p->conf, HA_PLANTAO), 0755, why));
	return own_below(dir, "/pgbackrest", postgres, 0750, why);
}

enum err
ha_place_prepare(const struct ha_place *p, const struct ha_say *say, char *why)
{
	unsigned bit = 1u << p->host;

	for (const struct ha_file *f = ha_files; f->name != NULL; f++)
		if (ha_is_for(&p->conf, f->hosts, p->host))
			TRY(own_file(p, f->folder, f->name, f->owner, f->mode, why));
	for (const struct ha_cert *c = ha_certs; c->folder != NULL; c++)
		if (ha_is_for(&p->conf, c->hosts, p->host))
			TRY(own_cert(p, c, why));
	if (HA_NODES & bit)
		TRY(own_file(p, "plantao", "master.key", HA_PLANTAO, 0600, why));
	if (ha_is_for(&p->conf, HA_BACKED, p->host))
		TRY(own_backup(p, why));
	for (const struct ha_service *s = ha_services; s->name != NULL; s++)
		if (ha_is_for(&p->conf, s->hosts, p->host))
			TRY(own_state(p, s, why));
	ha_say(say, "ok     owners, modes and directories");
	return OK;
}
