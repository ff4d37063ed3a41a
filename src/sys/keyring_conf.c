/* keyring_conf.c - see keyring_conf.h. */
#include "sys/keyring_conf.h"

#include "sys/files.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool
keyring_in_vault(const struct conf *conf)
{
	return conf->vault_address[0] != 0 && !conf->vault_leaving;
}

/* The credential, when systemd hands one to this service (LoadCredential=master.key:…). */
const char *
keyring_file_path(const struct conf *conf)
{
	static _Thread_local char path[PATH_MAX];
	const char *dir = getenv("CREDENTIALS_DIRECTORY");

	if (conf->master_key_file[0] != 0)
		return conf->master_key_file;
	if (dir != NULL && snprintf(path, sizeof path, "%s/master.key", dir) < (int)sizeof path &&
	        access(path, F_OK) == 0)
		return path;
	return conf_path(conf, "master.key");
}

const char *
keyring_place(const struct conf *conf)
{
	static _Thread_local char place[256];

	if (!keyring_in_vault(conf))
		return keyring_file_path(conf);
	snprintf(place, sizeof place, "%.120s %.120s", conf->vault_address, conf->vault_key);
	return place;
}

static enum err
open_vault(const struct conf *conf, struct keyring **out, char *why)
{
	if (conf->vault_token_file[0] != 0)
		return keyring_open_vault(conf, out, why);
	snprintf(why, WHY_SIZE, "vault_address is set, vault_token_file is not");
	return ERR_KEYS_UNAVAILABLE;
}

static enum err
open_file(const char *path, struct keyring **out, char *why)
{
	if (access(path, F_OK) == 0)
		return keyring_open_file(path, out, why);
	snprintf(why, WHY_SIZE, "no master key at %.120s", path);
	return ERR_NOT_FOUND;
}

enum err
keyring_open_conf(const struct conf *conf, struct keyring **out, char *why)
{
	const char *path = keyring_file_path(conf);
	struct keyring *newer, *older = NULL;
	enum err err = OK;

	if (conf->vault_address[0] == 0)
		return open_file(path, out, why);
	TRY(keyring_in_vault(conf) ? open_vault(conf, &newer, why) : open_file(path, &newer, why));
	if (!keyring_in_vault(conf))
		err = open_vault(conf, &older, why);
	else if (access(path, F_OK) == 0)
		err = keyring_open_file(path, &older, why);
	if (err != OK) {
		keyring_close(newer);
		return err;
	}
	keyring_follow(newer, older);
	*out = newer;
	return OK;
}

enum err
keyring_make_conf(const struct conf *conf, char *why)
{
	return keyring_in_vault(conf) ? keyring_make_vault(conf, why)
	                              : keyring_make_file(keyring_file_path(conf), why);
}

enum err
keyring_rotate_conf(const struct conf *conf, char *why)
{
	return keyring_in_vault(conf) ? keyring_rotate_vault(conf, why)
	                              : keyring_rotate_file(keyring_file_path(conf), why);
}
