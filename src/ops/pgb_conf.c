/* pgb_conf.c - pgBackRest's configuration for one host; `plantao ha init` fills in the same
 * template for two. */
#include "ops/pgb.h"
#include "ops/ha_files.h"
#include "sys/crypto.h"
#include "sys/files.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEXT_MAX = 64 << 10, PASS_BYTES = 48, PART = 256, DAYS_OF_FULL = 7 };

/* ---- where the repository is */

struct address {
	char host[PART], port[8], bucket[PART], prefix[PART];
};

/* https://HOST[:PORT]/BUCKET[/PREFIX] */
static bool
parse_address(const char *url, struct address *a)
{
	const char *at = url, *slash;
	size_t host;

	*a = (struct address){ .port = "443" };
	if (strncmp(at, "https://", 8) != 0)
		return false;
	at += 8;
	slash = strchr(at, '/');
	host = strcspn(at, ":/");
	if (slash == NULL || host == 0 || host >= PART || slash[1] == 0)
		return false;
	snprintf(a->host, PART, "%.*s", (int)host, at);
	if (at[host] == ':')
		snprintf(a->port, sizeof a->port, "%.*s", (int)(slash - at - (ptrdiff_t)host - 1),
		        at + host + 1);
	at = slash + 1;
	snprintf(a->bucket, PART, "%.*s", (int)strcspn(at, "/"), at);
	at += strcspn(at, "/");
	snprintf(a->prefix, PART, "%s", at);
	return a->bucket[0] != 0;
}

static enum err
bucket_lines(const struct pgb_repo *r, struct buf *out, char *why)
{
	struct address a;

	if (!parse_address(r->s3_url, &a) || r->access_key[0] == 0 || r->secret[0] == 0) {
		snprintf(why, 200,
		        "backup_s3_url must be https://HOST[:PORT]/BUCKET[/PREFIX], with an access key and "
		        "its secret");
		return ERR_INVALID;
	}
	buf_printf(out,
	        "repo1-type=s3\nrepo1-path=%s/pgbackrest\nrepo1-s3-bucket=%s\nrepo1-s3-endpoint=%s\n"
	        "repo1-storage-port=%s\nrepo1-s3-region=%s\nrepo1-s3-uri-style=path\nrepo1-s3-key=%s\n"
	        "repo1-s3-key-secret=%s\n",
	        a.prefix, a.bucket, a.host, a.port, r->region, r->access_key, r->secret);
	if (r->ca_file[0])
		buf_printf(out, "repo1-storage-ca-file=%s\n", r->ca_file);
	return OK;
}

enum err
pgb_repo_lines(const struct pgb_repo *r, struct buf *out, char *why)
{
	if (r->s3_url[0])
		return bucket_lines(r, out, why);
	if (r->dir[0] != '/') {
		snprintf(why, 200,
		        "backup_dir must be an absolute path, or backup_s3_url and its keys be set");
		return ERR_INVALID;
	}
	buf_printf(out, "repo1-path=%s/pgbackrest\n", r->dir);
	return OK;
}

/* ---- one host */

struct filling {
	const struct conf *conf;
	struct buf repo;
	char pass[2 * PASS_BYTES + 1], port[8], fulls[24];
};

static const char *
fill(void *arg, struct str name)
{
	struct filling *f = arg;

	if (str_is(name, "repo"))
		return f->repo.p;
	if (str_is(name, "cipher_pass"))
		return f->pass;
	if (str_is(name, "full_backups"))
		return f->fulls;
	if (str_is(name, "work"))
		return f->conf->backup_pg_work;
	if (str_is(name, "pg_path"))
		return f->conf->backup_pg_path;
	if (str_is(name, "pg_port"))
		return f->port;
	if (str_is(name, "pg_socket"))
		return f->conf->backup_pg_socket;
	return str_is(name, "server") || str_is(name, "peer") ? "" : NULL;
}

/* The URL's port; a list of hosts is another tool's (plantao ha). */
static void
port_of(const char *url, char out[static 8])
{
	const char *host = strstr(url, "://"), *colon;

	snprintf(out, 8, "5432");
	if (host == NULL)
		return;
	host += 3;
	host = memchr(host, '@', strcspn(host, "/?")) ? strchr(host, '@') + 1 : host;
	colon = memchr(host, ':', strcspn(host, "/?"));
	if (colon != NULL)
		snprintf(out, 8, "%.*s", (int)strspn(colon + 1, "0123456789"), colon + 1);
}

static enum err
give(const struct conf *conf, const char *path, unsigned mode, char *why)
{
	const struct passwd *pw = getpwnam(conf->backup_pg_user);

	if (pw == NULL) {
		snprintf(why, 200, "backup_pg_user: there is no account %.60s here", conf->backup_pg_user);
		return ERR_NOT_FOUND;
	}
	if (chmod(path, mode) == 0 && (getuid() != 0 || chown(path, pw->pw_uid, pw->pw_gid) == 0))
		return OK;
	snprintf(why, 200, "%.150s: %s", path, strerror(errno));
	return ERR_INTERNAL;
}

static enum err
make_dirs(const struct conf *conf, char *why)
{
	static const char *const below[] = { "", "/spool", "/lock", "/log" };
	char path[PATH_MAX];

	for (size_t i = 0; i < COUNT(below); i++) {
		snprintf(path, sizeof path, "%.4000s%s", conf->backup_pg_work, below[i]);
		TRY(file_make_dir(path, 0700, why));
		TRY(give(conf, path, 0700, why));
	}
	if (conf->backup_dir[0] == 0)
		return OK;
	snprintf(path, sizeof path, "%.4000s/pgbackrest", conf->backup_dir);
	TRY(file_make_dir(path, 0750, why));
	TRY(give(conf, path, 0750, why));
	/* The signed records beside it are the server's. */
	snprintf(path, sizeof path, "%.4000s", conf->backup_dir);
	return chmod(path, 0755) == 0 ? OK : ERR_INTERNAL;
}

static enum err
write_conf(const struct conf *conf, char *why)
{
	const struct pgb_repo repo = { conf->backup_dir, conf->backup_s3_url, conf->backup_s3_region,
		conf->backup_s3_access_key, conf->backup_s3_secret, conf->backup_s3_ca_file };
	struct filling f = { .conf = conf };
	unsigned char bytes[PASS_BYTES];
	char ha_why[HA_WHY] = "";
	struct buf text;
	enum err err;

	random_bytes(bytes, sizeof bytes);
	hex_print(bytes, sizeof bytes, f.pass);
	port_of(conf->database_url, f.port);
	snprintf(f.fulls, sizeof f.fulls, "%lld", (long long)(conf->backup_keep_days / DAYS_OF_FULL + 1));
	buf_init(&f.repo, TEXT_MAX);
	buf_init(&text, TEXT_MAX);
	err = pgb_repo_lines(&repo, &f.repo, why);
	buf_byte(&f.repo, 0);
	if (err == OK && (err = ha_template("pgbackrest.conf", fill, &f, &text, ha_why)) != OK)
		snprintf(why, 200, "%.190s", ha_why);
	if (err == OK)
		err = file_create(conf->backup_pgbackrest_file, text.p, text.n, 0600, why);
	wipe(f.pass, sizeof f.pass);
	if (text.p != NULL)
		wipe(text.p, text.n);
	buf_free(&text);
	buf_free(&f.repo);
	return err;
}

enum err
pgb_init(const struct conf *conf, char *why)
{
	if (conf->backup_pg_path[0] == 0) {
		snprintf(why, 200,
		        "backup_pg_path is missing: PostgreSQL's data directory on this host "
		        "(SHOW data_directory)");
		return ERR_INVALID;
	}
	if (access(conf->backup_pgbackrest_file, F_OK) != 0)
		TRY(write_conf(conf, why));
	TRY(give(conf, conf->backup_pgbackrest_file, 0600, why));
	return make_dirs(conf, why);
}
