/* fuzz_vault.c - any bytes as what Vault answers: the first byte is the status, the rest
 * its body.
 *
 * What must hold: no crash; without a good answer no key is wrapped or unwrapped, and what
 * stands in the output then is what stood there before.
 *
 * The source itself is included, with the wire replaced by the input. */
#include "fuzz.h"

#include "sys/keyring_vault.c"

static struct str answer;
static int said;
static char token_file[] = "/tmp/plantao-fuzz-XXXXXX";

enum err
client_run(const struct client_call *c, struct buf *out, int *status, char *why)
{
	(void)c;
	*status = said;
	buf_str(out, answer);
	if (!buf_failed(out))
		return OK;
	snprintf(why, WHY_SIZE, "the answer is too long");
	return ERR_TOO_LARGE;
}

static void
token_gone(void)
{
	unlink(token_file);
}

static void
ready(struct conf *conf, struct vault *v)
{
	if (conf->vault_token_file == NULL) {
		int fd = mkstemp(token_file);
		MUST(fd >= 0 && write(fd, "s.token\n", 8) == 8);
		close(fd);
		atexit(token_gone);
		*conf = (struct conf){
			.vault_address = "http://a", .vault_token_file = token_file, .vault_ca_file = ""
		};
		pthread_mutex_init(&v->lock, NULL);
		pthread_cond_init(&v->wake, NULL);
	}
	v->conf = conf;
	v->name = "plantao";
	strcpy(v->base, "http://a/v1/transit");
	v->held_count = v->held_next = 0;
}

static bool
all_are(const unsigned char *p, size_t n, unsigned char c)
{
	while (n > 0 && p[n - 1] == c)
		n--;
	return n == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct conf conf;
	static struct vault v;
	unsigned char wrapped[WRAP_SIZE], key[KEY_SIZE];
	char why[WHY_SIZE] = "";

	if (n == 0)
		return 0;
	ready(&conf, &v);
	answer = (struct str){ (const char *)data + 1, n - 1 };
	said = data[0] < 128 ? 200 : 300 + data[0];
	memset(wrapped, 0x55, sizeof wrapped);
	memset(key, 0x55, sizeof key);
	if (vault_wrap(&v, STR("a place"), key, wrapped) != OK)
		MUST(all_are(wrapped, sizeof wrapped, 0x55));
	else
		MUST(said == 200 && version_of(wrapped) > 0);
	v.held_count = 0;
	id_of(&v, 1, wrapped);
	wrapped[KEY_ID_SIZE] = 1;
	if (vault_unwrap(&v, STR("a place"), wrapped, key) != OK)
		MUST(all_are(key, sizeof key, 0x55));
	else
		MUST(said == 200);
	if (look(&v, why) != OK)
		MUST(why[0] != 0);
	return 0;
}
