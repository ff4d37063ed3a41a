/* tokenmemo.c - see tokenmemo.h.  A table of lines of the processor's cache; a word has one
 * place, and the last to come keeps it. */
#include "store/tokenmemo.h"

#include <pthread.h>

#include "sys/crypto.h"
#include "sys/keyring.h"

enum { LINES = 4096, WORD_MAX = 40 };

struct line {
	unsigned char salt[MEMO_SALT];
	unsigned char token[WORD_TOKEN_SIZE];
	unsigned char n; /* 0: empty */
	char word[WORD_MAX];
};

static pthread_key_t memo_key;
static pthread_once_t memo_once = PTHREAD_ONCE_INIT;

static void
memo_free(void *p)
{
	secret_free(p, LINES * sizeof(struct line));
}

static void
memo_make_key(void)
{
	int rc = pthread_key_create(&memo_key, memo_free);

	assert(rc == 0);
	(void)rc;
}

/* NULL when there is no secret memory for it: then nothing is remembered. */
static struct line *
memo(void)
{
	struct line *m;

	pthread_once(&memo_once, memo_make_key);
	m = pthread_getspecific(memo_key);
	if (m == NULL && (m = secret_new(LINES * sizeof *m)) != NULL)
		pthread_setspecific(memo_key, m);
	return m;
}

static struct line *
line_of(const unsigned char salt[static MEMO_SALT], struct str word)
{
	struct line *m = memo();
	uint32_t h;

	if (m == NULL || word.n == 0 || word.n > WORD_MAX)
		return NULL;
	memcpy(&h, salt, sizeof h);
	for (size_t i = 0; i < word.n; i++)
		h = (h ^ (unsigned char)word.p[i]) * 16777619u;
	return &m[(h ^ h >> 16) % LINES];
}

bool
tokenmemo_get(const unsigned char salt[static MEMO_SALT], struct str word,
        unsigned char token[static WORD_TOKEN_SIZE])
{
	const struct line *l = line_of(salt, word);

	if (l == NULL || l->n != word.n || memcmp(l->word, word.p, word.n) != 0 ||
	        memcmp(l->salt, salt, MEMO_SALT) != 0)
		return false;
	memcpy(token, l->token, WORD_TOKEN_SIZE);
	return true;
}

void
tokenmemo_put(const unsigned char salt[static MEMO_SALT], struct str word,
        const unsigned char token[static WORD_TOKEN_SIZE])
{
	struct line *l = line_of(salt, word);

	if (l == NULL)
		return;
	memcpy(l->salt, salt, MEMO_SALT);
	memcpy(l->token, token, WORD_TOKEN_SIZE);
	l->n = (unsigned char)word.n;
	memcpy(l->word, word.p, word.n);
}
