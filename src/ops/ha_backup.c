/* ha_backup.c - what backups add to a node's files: where pgBackRest's repository is, the other
 * node's door, PostgreSQL's archiving, the program's own settings. */
#include "ops/ha_files.h"
#include "ops/pgb.h"
#include "sys/crypto.h"
#include "sys/files.h"

#include <stdio.h>

#define FULL_BACKUPS "6" /* one a week: backup_keep_days' 35, and the one they begin in */
enum { TEXT_MAX = 64 << 10 };

static struct buf *
nth(struct ha_backup_text *t, size_t i)
{
	struct buf *const all[] = { &t->repo, &t->server, &t->peer, &t->archive, &t->plantao };

	return i < COUNT(all) ? all[i] : NULL;
}

void
ha_backup_init(struct ha_backup_text *t)
{
	struct buf *b;

	*t = (struct ha_backup_text){ .port = "" };
	for (size_t i = 0; (b = nth(t, i)) != NULL; i++)
		buf_init(b, TEXT_MAX);
}

void
ha_backup_free(struct ha_backup_text *t)
{
	struct buf *b;

	for (size_t i = 0; (b = nth(t, i)) != NULL; i++) {
		if (b->p != NULL)
			wipe(b->p, b->n);
		buf_free(b);
	}
}

const char *
ha_backup_fill(const struct ha_backup_text *t, struct str name)
{
	const struct {
		const char *name, *text;
	} all[] = { { "repo", t->repo.p }, { "server", t->server.p }, { "peer", t->peer.p },
		{ "archive", t->archive.p }, { "backup", t->plantao.p }, { "full_backups", FULL_BACKUPS },
		{ "pg_port", t->port }, { "work", t->work }, { "pg_path", t->pg_path },
		{ "pg_socket", t->pg_socket } };

	for (size_t i = 0; i < COUNT(all); i++)
		if (str_is(name, all[i].name))
			return all[i].text ? all[i].text : "";
	return NULL;
}

static enum err
read_secret(const struct ha_conf *c, char out[static HA_VALUE], char *why)
{
	const char *file = c->values[HA_KEY_backup_s3_secret_file];
	size_t n = 0;

	out[0] = 0;
	if (file[0] == 0)
		return OK;
	TRY(file_read_into(file, out, HA_VALUE - 1, &n, why));
	out[n] = 0;
	out[strcspn(out, "\r\n")] = 0;
	return OK;
}

static void
say_plantao(const struct ha_conf *c, enum ha_host host, struct ha_backup_text *r, const char *secret)
{
	char config_dir[HA_VALUE];

	static const enum ha_key keys[] = { HA_KEY_backup_dir, HA_KEY_backup_s3_url, HA_KEY_backup_s3_region,
		HA_KEY_backup_s3_access_key, HA_KEY_backup_s3_ca_file };
	static const char *const names[] = { "backup_dir", "backup_s3_url", "backup_s3_region",
		"backup_s3_access_key", "backup_s3_ca_file" };

	ha_path(c, HA_KEY_config_dir, host, config_dir);
	for (size_t i = 0; i < COUNT(keys); i++)
		if (c->values[keys[i]][0])
			buf_printf(&r->plantao, "%s = %s\n", names[i], c->values[keys[i]]);
	if (secret[0])
		buf_printf(&r->plantao, "backup_s3_secret = %s\n", secret);
	buf_printf(&r->plantao,
	        "backup_key_file = %s/plantao/backup.key\nbackup_pgbackrest_file = "
	        "%s/pgbackrest/pgbackrest.conf\n"
	        "backup_pg_path = %s\nbackup_pg_work = %s\nbackup_pg_socket = %s\nbackup_pg_bin = %s\n"
	        "backup_pg_user = %s\n",
	        config_dir, config_dir, r->pg_path, r->work, r->pg_socket, c->values[HA_KEY_postgres_bin],
	        c->values[HA_KEY_postgres_user]);
}

/* Each node serves the other's pgBackRest, so that a backup may be read from the standby. */
static void
say_peer(const struct ha_conf *c, enum ha_host host, struct ha_backup_text *r)
{
	enum ha_host other = host == HA_NODE1 ? HA_NODE2 : HA_NODE1;
	char own[HA_VALUE], config[HA_VALUE], state[HA_VALUE];

	ha_path(c, HA_KEY_config_dir, host, own);
	ha_path(c, HA_KEY_config_dir, other, config);
	ha_path(c, HA_KEY_state_dir, other, state);
	buf_printf(&r->server,
	        "tls-server-address=%s\ntls-server-port=%s\ntls-server-ca-file=%s/pgbackrest/ca.pem\n"
	        "tls-server-cert-file=%s/pgbackrest/tls.pem\ntls-server-key-file=%s/pgbackrest/tls.key\n"
	        "tls-server-auth=%s=" PGB_STANZA "\n",
	        ha_address(c, host), c->values[HA_KEY_pgbackrest_port], own, own, own, ha_host_name(other));
	buf_printf(&r->peer,
	        "pg2-host=%s\npg2-host-type=tls\npg2-host-port=%s\npg2-host-ca-file=%s/pgbackrest/ca.pem\n"
	        "pg2-host-cert-file=%s/pgbackrest/tls.pem\npg2-host-key-file=%s/pgbackrest/tls.key\n"
	        "pg2-host-config=%s/pgbackrest/pgbackrest.conf\npg2-path=%s/postgres\npg2-port=%s\n"
	        "pg2-socket-path=%s/patroni\n",
	        ha_address(c, other), c->values[HA_KEY_pgbackrest_port], own, own, own, config, state,
	        c->values[HA_KEY_postgres_port], state);
}

enum err
ha_backup_say(const struct ha_conf *c, enum ha_host host, struct ha_backup_text *t, char *why)
{
	char secret[HA_VALUE] = "", config[HA_VALUE], state[HA_VALUE];
	const struct pgb_repo repo = { c->values[HA_KEY_backup_dir], c->values[HA_KEY_backup_s3_url],
		c->values[HA_KEY_backup_s3_region], c->values[HA_KEY_backup_s3_access_key], secret,
		c->values[HA_KEY_backup_s3_ca_file] };
	struct buf *b;
	enum err err;

	ha_backup_free(t);
	ha_backup_init(t);
	if (!ha_is_for(c, HA_BACKED, host))
		return OK;
	ha_path(c, HA_KEY_config_dir, host, config);
	ha_path(c, HA_KEY_state_dir, host, state);
	snprintf(t->port, sizeof t->port, "%.7s", c->values[HA_KEY_postgres_port]);
	snprintf(t->work, sizeof t->work, "%s/pgbackrest", state);
	snprintf(t->pg_path, sizeof t->pg_path, "%s/postgres", state);
	snprintf(t->pg_socket, sizeof t->pg_socket, "%s/patroni", state);
	TRY(read_secret(c, secret, why));
	err = pgb_repo_lines(&repo, &t->repo, why);
	say_peer(c, host, t);
	say_plantao(c, host, t, secret);
	buf_printf(&t->archive,
	        "    archive_mode: \"on\"\n    archive_timeout: 60\n    archive_command: "
	        "\"/usr/bin/pgbackrest "
	        "--config=%s/pgbackrest/pgbackrest.conf --stanza=" PGB_STANZA " archive-push %%p\"\n",
	        config);
	wipe(secret, sizeof secret);
	for (size_t i = 0; (b = nth(t, i)) != NULL; i++)
		buf_byte(b, 0);
	return err;
}
