/* ha_render.c - `plantao ha init`: authority, secrets, and for each host the files it needs. */
#include "ops/ha_files.h"
#include "sys/cert.h"
#include "sys/crypto.h"
#include "sys/files.h"
#include "sys/keyring.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PEM_MAX = 16 << 10, TEXT_MAX = 64 << 10, SECRET_BYTES = 24, AUTHORITY_DAYS = 3650, CERT_DAYS = 825 };

static const char *const secret_names[] = { "superuser_password", "replication_password", "rewind_password",
	"app_password", "patroni_password", "cipher_pass" };

struct rendering {
	const struct ha_conf *conf;
	const char *out;
	enum ha_host host;
	char secrets[COUNT(secret_names)][2 * SECRET_BYTES + 1];
	char config_dir[HA_VALUE], state_dir[HA_VALUE];
	const struct ha_service *service;
	struct ha_backup_text backup;
	struct buf authority, authority_key, command;
	const struct ha_say *say;
	char *why;
};

/* ---- filling in */

enum err
ha_fill(struct str t, ha_fill_fn *fill, void *arg, struct buf *out, char *why)
{
	while (t.n > 0) {
		const char *at = memchr(t.p, '@', t.n), *end, *value;
		struct str name;

		if (at == NULL) {
			buf_str(out, t);
			break;
		}
		buf_str(out, (struct str){ t.p, (size_t)(at - t.p) });
		t = (struct str){ at + 1, t.n - (size_t)(at + 1 - t.p) };
		end = memchr(t.p, '@', t.n);
		name = (struct str){ t.p, end ? (size_t)(end - t.p) : t.n };
		value = end == NULL ? NULL : name.n == 0 ? "@" : fill(arg, name);
		if (value == NULL) {
			snprintf(why, HA_WHY, "a template asks for \"%.*s\"",
			        (int)(name.n > 40 ? 40 : name.n), name.p);
			return ERR_INVALID;
		}
		buf_text(out, value);
		t = (struct str){ end + 1, t.n - name.n - 1 };
	}
	return buf_failed(out) ? ERR_TOO_LARGE : OK;
}

static const char *
fill_of_service(const struct rendering *r, struct str name)
{
	if (r->service == NULL)
		return ha_backup_fill(&r->backup, name);
	if (str_is(name, "service"))
		return r->service->name;
	if (str_is(name, "user"))
		return ha_owner_name(r->conf, r->service->owner);
	if (str_is(name, "kill_mode"))
		return r->service->kill_mode;
	return str_is(name, "command") && r->command.p != NULL ? r->command.p : NULL;
}

static const char *
fill(void *arg, struct str name)
{
	static const char *const keys[] = {
#define HA_KEY(key, ...) #key,
#include "ops/ha_conf.def"
#undef HA_KEY
	};
	const struct rendering *r = arg;

	if (str_is(name, "host"))
		return ha_host_name(r->host);
	if (str_is(name, "address"))
		return ha_address(r->conf, r->host);
	if (str_is(name, "config_dir"))
		return r->config_dir;
	if (str_is(name, "state_dir"))
		return r->state_dir;
	for (size_t i = 0; i < COUNT(secret_names); i++)
		if (str_is(name, secret_names[i]))
			return r->secrets[i];
	for (size_t i = 0; i < COUNT(keys); i++)
		if (str_is(name, keys[i]))
			return r->conf->values[i];
	return fill_of_service(r, name);
}

static void
host_of(struct rendering *r, enum ha_host h)
{
	r->host = h;
	ha_path(r->conf, HA_KEY_config_dir, h, r->config_dir);
	ha_path(r->conf, HA_KEY_state_dir, h, r->state_dir);
}

static enum err
template_of(const char *name, struct str *out, char *why)
{
	for (const struct incbin *t = ha_templates; t->name != NULL; t++)
		if (strcmp(t->name, name) == 0) {
			*out = (struct str){ (const char *)t->bytes, (size_t)(t->end - t->bytes) };
			return OK;
		}
	snprintf(why, HA_WHY, "there is no template %s", name);
	return ERR_INTERNAL;
}

enum err
ha_template(const char *name, ha_fill_fn *filler, void *arg, struct buf *out, char *why)
{
	struct str text = { 0 };

	TRY(template_of(name, &text, why));
	return ha_fill(text, filler, arg, out, why);
}

enum err
ha_command(const struct ha_conf *c, enum ha_host h, const struct ha_service *s, struct buf *out, char *why)
{
	struct rendering r = { .conf = c };

	host_of(&r, h);
	TRY(ha_fill(str_of(s->command), fill, &r, out, why));
	buf_byte(out, 0);
	return buf_failed(out) ? ERR_TOO_LARGE : OK;
}

/* ---- files */

static enum err
put(struct rendering *r, const char *folder, const char *name, struct str bytes, unsigned mode)
{
	char path[2 * HA_VALUE + 80];

	snprintf(path, sizeof path, "%s/%s/%s", r->out, ha_host_name(r->host), folder);
	TRY(file_make_dir(path, 0755, r->why));
	snprintf(path, sizeof path, "%s/%s/%s/%s", r->out, ha_host_name(r->host), folder, name);
	return file_write(path, bytes.p, bytes.n, mode, r->why);
}

static enum err
put_template(struct rendering *r, const char *folder, const char *name, const char *template, unsigned mode)
{
	struct buf b;
	enum err err;

	buf_init(&b, TEXT_MAX);
	err = ha_template(template, fill, r, &b, r->why);
	if (err == OK)
		err = put(r, folder, name, buf_view(&b), mode);
	if (b.p != NULL)
		wipe(b.p, b.n);
	buf_free(&b);
	return err;
}

static enum err
put_pair(struct rendering *r, const struct ha_cert *row, struct buf *cert, struct buf *key)
{
	char name[40];

	if (row->joined)
		buf_str(cert, buf_view(key));
	snprintf(name, sizeof name, "%s.pem", row->file);
	TRY(put(r, row->folder, name, buf_view(cert), row->joined ? 0600 : 0644));
	if (row->joined)
		return OK;
	snprintf(name, sizeof name, "%s.key", row->file);
	return put(r, row->folder, name, buf_view(key), 0600);
}

static enum err
put_cert(struct rendering *r, const struct ha_cert *row)
{
	const char *host = ha_host_name(r->host), *site = r->conf->values[HA_KEY_site];
	char alt[3 * HA_VALUE];
	struct cert_want want = { .name = host, .alt_names = alt, .days = CERT_DAYS };
	struct buf cert, key;
	enum err err;

	/* pgBackRest compares an address with names alone, so here it stands as one too. */
	snprintf(alt, sizeof alt, "IP:%s,IP:127.0.0.1,DNS:%s,DNS:%s%s%s", ha_address(r->conf, r->host), host,
	        ha_address(r->conf, r->host), row->site && site[0] ? ",DNS:" : "", row->site ? site : "");
	buf_init(&cert, PEM_MAX);
	buf_init(&key, PEM_MAX);
	err = cert_issue(buf_view(&r->authority), buf_view(&r->authority_key), &want, &cert, &key);
	if (err == OK)
		err = put_pair(r, row, &cert, &key);
	else
		snprintf(r->why, HA_WHY, "the authority in %.200s/ca cannot sign", r->out);
	if (err == OK)
		err = put(r, row->folder, "ca.pem", buf_view(&r->authority), 0644);
	if (key.p != NULL)
		wipe(key.p, key.n);
	buf_free(&cert);
	buf_free(&key);
	return err;
}

static enum err
put_unit(struct rendering *r, const struct ha_service *s)
{
	char name[80];
	enum err err;

	buf_init(&r->command, TEXT_MAX);
	r->service = s;
	err = ha_command(r->conf, r->host, s, &r->command, r->why);
	snprintf(name, sizeof name, "plantao-ha-%s.service", s->name);
	if (err == OK)
		err = put_template(r, "systemd", name, "service.unit", 0644);
	r->service = NULL;
	buf_free(&r->command);
	return err;
}

static enum err
copy(struct rendering *r, const char *from, const char *folder, const char *name, unsigned mode)
{
	struct buf b;
	enum err err;

	buf_init(&b, TEXT_MAX);
	err = file_read(from, TEXT_MAX, &b, r->why);
	if (err == OK)
		err = put(r, folder, name, buf_view(&b), mode);
	if (b.p != NULL)
		wipe(b.p, b.n);
	buf_free(&b);
	return err;
}

static enum err
render_host(struct rendering *r, const char *file, const char *master_key, const char *backup_key)
{
	unsigned files = 0, bit = 1u << r->host;

	for (const struct ha_file *f = ha_files; f->name != NULL; f++)
		if (ha_is_for(r->conf, f->hosts, r->host)) {
			TRY(put_template(r, f->folder, f->name, f->template, f->mode));
			files++;
		}
	for (const struct ha_cert *c = ha_certs; c->folder != NULL; c++)
		if (ha_is_for(r->conf, c->hosts, r->host)) {
			TRY(put_cert(r, c));
			files++;
		}
	for (const struct ha_service *s = ha_services; s->name != NULL; s++)
		if (ha_is_for(r->conf, s->hosts, r->host))
			TRY(put_unit(r, s));
	if (HA_NODES & bit)
		TRY(copy(r, master_key, "plantao", "master.key", 0600));
	if (ha_is_for(r->conf, HA_BACKED, r->host))
		TRY(copy(r, backup_key, "plantao", "backup.key", 0600));
	TRY(copy(r, file, ".", "ha.conf", 0644));
	TRY(put(r, ".", "host", str_of(ha_host_name(r->host)), 0644));
	ha_say(r->say, "made   %s/%s: %u files and certificates for %s at %s", r->out, ha_host_name(r->host),
	        files, ha_address(r->conf, r->host), r->config_dir);
	return OK;
}

/* ---- what stays */

static enum err
authority(struct rendering *r)
{
	char cert[HA_VALUE + 80], key[HA_VALUE + 80], name[HA_VALUE + 40];
	struct cert_want want = { .name = name, .days = AUTHORITY_DAYS };

	snprintf(cert, sizeof cert, "%s/ca/ca.pem", r->out);
	snprintf(key, sizeof key, "%s/ca/ca.key", r->out);
	snprintf(name, sizeof name, "plantao cluster %.40s", r->conf->values[HA_KEY_cluster]);
	if (access(cert, F_OK) == 0) {
		ha_say(r->say, "kept   %s", cert);
		TRY(file_read(cert, PEM_MAX, &r->authority, r->why));
		return file_read(key, PEM_MAX, &r->authority_key, r->why);
	}
	TRY(cert_make_authority(&want, &r->authority, &r->authority_key));
	TRY(file_create(key, r->authority_key.p, r->authority_key.n, 0600, r->why));
	TRY(file_create(cert, r->authority.p, r->authority.n, 0644, r->why));
	ha_say(r->say, "made   %s: the cluster's authority; keep ca.key off the hosts", cert);
	return OK;
}

static enum err
secrets(struct rendering *r)
{
	unsigned made = 0;

	for (size_t i = 0; i < COUNT(secret_names); i++) {
		unsigned char bytes[SECRET_BYTES];
		char path[HA_VALUE + 80];
		size_t n = 0;

		snprintf(path, sizeof path, "%s/secrets/%s", r->out, secret_names[i]);
		if (access(path, F_OK) != 0) {
			random_bytes(bytes, sizeof bytes);
			hex_print(bytes, sizeof bytes, r->secrets[i]);
			TRY(file_create(path, r->secrets[i], 2 * SECRET_BYTES, 0600, r->why));
			made++;
			continue;
		}
		TRY(file_read_into(path, r->secrets[i], 2 * SECRET_BYTES, &n, r->why));
		if (n != 2 * SECRET_BYTES || strspn(r->secrets[i], "0123456789abcdef") != n) {
			snprintf(r->why, HA_WHY, "%s is not one of ours", path);
			return ERR_INVALID;
		}
	}
	ha_say(r->say, "%s   %s/secrets: %zu passwords", made ? "made" : "kept", r->out, COUNT(secret_names));
	return OK;
}

static enum err
master(struct rendering *r, const char *given, char path[static HA_VALUE + 80])
{
	snprintf(path, HA_VALUE + 80, "%s/secrets/master.key", r->out);
	if (given != NULL) {
		snprintf(path, HA_VALUE + 80, "%s", given);
		return OK;
	}
	if (access(path, F_OK) == 0)
		return OK;
	TRY(keyring_make_file(path, r->why));
	ha_say(r->say, "made   %s: both nodes' master key; keep a copy away from them", path);
	return OK;
}

static enum err
backup_key(struct rendering *r, char path[static HA_VALUE + 80])
{
	snprintf(path, HA_VALUE + 80, "%s/secrets/backup.key", r->out);
	if (!ha_has_backup(r->conf) || access(path, F_OK) == 0)
		return OK;
	TRY(keyring_make_file(path, r->why));
	ha_say(r->say,
	        "made   %s: signs what is proven of backups; keep a copy, and of secrets/cipher_pass, "
	        "away from the nodes",
	        path);
	return OK;
}

static enum err
render(struct rendering *r, const char *file, const char *master_key)
{
	char path[2 * HA_VALUE], key[HA_VALUE + 80], backup[HA_VALUE + 80];

	TRY(file_make_dir(r->out, 0700, r->why));
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", r->out, i ? "secrets" : "ca");
		TRY(file_make_dir(path, 0700, r->why));
	}
	TRY(authority(r));
	TRY(secrets(r));
	TRY(master(r, master_key, key));
	TRY(backup_key(r, backup));
	for (int h = 0; h < HA_HOSTS; h++) {
		host_of(r, (enum ha_host)h);
		TRY(ha_backup_say(r->conf, r->host, &r->backup, r->why));
		TRY(render_host(r, file, key, backup));
	}
	return OK;
}

enum err
ha_render(const struct ha_conf *conf, const char *file, const char *out, const char *master_key,
        const struct ha_say *say, char *why)
{
	struct rendering r = { .conf = conf, .out = out, .say = say, .why = why };
	enum err err;

	if (strlen(out) >= HA_VALUE) {
		snprintf(why, HA_WHY, "the path is too long");
		return ERR_INVALID;
	}
	buf_init(&r.authority, PEM_MAX);
	buf_init(&r.authority_key, PEM_MAX);
	ha_backup_init(&r.backup);
	err = render(&r, file, master_key);
	buf_free(&r.authority);
	if (r.authority_key.p != NULL)
		wipe(r.authority_key.p, r.authority_key.n);
	buf_free(&r.authority_key);
	ha_backup_free(&r.backup);
	wipe(r.secrets, sizeof r.secrets);
	return err;
}
