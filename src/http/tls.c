/* tls.c - TLS for the edge, on OpenSSL; see tls.h. */
#include "http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

enum { WHY_SIZE = 200 };

/* Forward secrecy and authenticated encryption only. */
static const char ciphers_of_1_2[] = "ECDHE+AESGCM:ECDHE+CHACHA20";

/* Both are libssl's own structures under our names. */
static SSL_CTX *
context(struct tls_server *s)
{
	return (SSL_CTX *)s;
}

static SSL *
session(struct tls *t)
{
	return (SSL *)t;
}

static bool
explain(char *why, const char *file)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(code);
	snprintf(why, WHY_SIZE, "%s: %s", file, reason ? reason : strerrordesc_np(ERR_GET_REASON(code)));
	ERR_clear_error();
	return false;
}

/* HTTP/1.1 is all we speak; a client that offers none of it is told so. */
static int
choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_n, const unsigned char *in,
        unsigned in_n, void *arg)
{
	(void)ssl;
	(void)arg;
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *chosen;
	if (SSL_select_next_proto(&chosen, out_n, ours, sizeof ours - 1, in, in_n) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* A key behind a passphrase is refused: there is nobody to ask. */
static int
no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static bool
set_rules(SSL_CTX *ctx)
{
	SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
	                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
	/* Buffers go back while a connection idles: thousands of them do. */
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
	                              SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF); /* tickets resume without our memory */
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
	return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_cipher_list(ctx, ciphers_of_1_2) == 1 &&
	       SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"edge", 4) == 1;
}

static bool
load_files(SSL_CTX *ctx, const char *cert_file, const char *key_file, char *why)
{
	if (SSL_CTX_use_certificate_chain_file(ctx, cert_file) != 1)
		return explain(why, cert_file);
	if (SSL_CTX_use_PrivateKey_file(ctx, key_file, SSL_FILETYPE_PEM) != 1 ||
	        SSL_CTX_check_private_key(ctx) != 1)
		return explain(why, key_file);
	return true;
}

struct tls_server *
tls_server_new(const char *cert_file, const char *key_file, char *why)
{
	ERR_clear_error();
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	bool ok = ctx && (set_rules(ctx) || explain(why, "TLS")) && load_files(ctx, cert_file, key_file, why);
	if (!ctx)
		explain(why, "TLS");
	if (ok)
		return (struct tls_server *)ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

void
tls_server_free(struct tls_server *s)
{
	SSL_CTX_free(context(s));
}

struct tls *
tls_new(struct tls_server *s, int fd)
{
	SSL *ssl = SSL_new(context(s));
	if (!ssl || SSL_set_fd(ssl, fd) != 1) {
		SSL_free(ssl);
		ERR_clear_error();
		return NULL;
	}
	SSL_set_accept_state(ssl);
	return (struct tls *)ssl;
}

void
tls_free(struct tls *t)
{
	SSL_free(session(t));
}

/* What a call that did not succeed says; the thread's error queue is left empty. */
static ssize_t
outcome(struct tls *t, int result)
{
	int error = SSL_get_error(session(t), result);
	ERR_clear_error();
	if (error == SSL_ERROR_WANT_READ)
		return TLS_WANTS_READ;
	if (error == SSL_ERROR_WANT_WRITE)
		return TLS_WANTS_WRITE;
	return error == SSL_ERROR_ZERO_RETURN ? 0 : TLS_BROKEN;
}

ssize_t
tls_handshake(struct tls *t)
{
	int result = SSL_do_handshake(session(t));
	return result == 1 ? 1 : outcome(t, result);
}

ssize_t
tls_read(struct tls *t, void *p, size_t n)
{
	size_t got;
	int result = SSL_read_ex(session(t), p, n, &got);
	return result == 1 ? (ssize_t)got : outcome(t, result);
}

ssize_t
tls_write(struct tls *t, const void *p, size_t n)
{
	size_t put;
	int result = SSL_write_ex(session(t), p, n, &put);
	return result == 1 ? (ssize_t)put : outcome(t, result);
}

void
tls_end(struct tls *t)
{
	if (SSL_is_init_finished(session(t)))
		SSL_shutdown(session(t));
	ERR_clear_error();
}
