/* crypto_cert.c - the X.509 side of cert.h. */
#include "sys/cert.h"
#include "sys/crypto_openssl.h"
#include "sys/files.h"

#include <stdio.h>
#include <time.h>

#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#undef ERR_STATE

enum { CERT_MAX = 64 << 10, EARLY_S = 3600 /* clocks differ a little */ };

static X509 *
cert_new(EVP_PKEY *key, const struct cert_want *w)
{
	X509 *c = X509_new();
	uint64_t serial;

	crypto_must(c != NULL && X509_set_version(c, X509_VERSION_3) == 1, "X509_new");
	random_bytes(&serial, sizeof serial);
	crypto_must(ASN1_INTEGER_set_uint64(X509_get_serialNumber(c), serial >> 1) == 1, "serial number");
	crypto_must(X509_gmtime_adj(X509_getm_notBefore(c), -EARLY_S) != NULL &&
	                    X509_time_adj_ex(X509_getm_notAfter(c), w->days, 0, NULL) != NULL,
	        "validity");
	crypto_must(X509_set_pubkey(c, key) == 1, "public key");
	crypto_must(X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_UTF8,
	                    (const unsigned char *)w->name, -1, -1, 0) == 1,
	        "subject");
	return c;
}

static bool
extend(X509 *c, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *e;
	X509V3_CTX ctx;
	bool ok;

	X509V3_set_ctx(&ctx, issuer, c, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = e != NULL && X509_add_ext(c, e, -1) == 1;
	X509_EXTENSION_free(e);
	return ok;
}

static void
put(BIO *bio, struct buf *out)
{
	char *p;
	long n = BIO_get_mem_data(bio, &p);

	buf_add(out, p, (size_t)n);
	BIO_free(bio);
}

static void
write_pair(X509 *c, EVP_PKEY *key, struct buf *cert, struct buf *key_out)
{
	BIO *bio = BIO_new(BIO_s_mem());

	crypto_must(bio != NULL && PEM_write_bio_X509(bio, c) == 1, "PEM");
	put(bio, cert);
	bio = BIO_new(BIO_s_secmem());
	crypto_must(bio != NULL && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1, "PEM");
	put(bio, key_out);
}

static void
sign(X509 *c, EVP_PKEY *key)
{
	crypto_must(X509_sign(c, key, EVP_sha256()) > 0, "X509_sign");
}

enum err
cert_make_authority(const struct cert_want *w, struct buf *cert, struct buf *key_out)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *c;

	crypto_must(key != NULL, "EC key");
	c = cert_new(key, w);
	crypto_must(X509_set_issuer_name(c, X509_get_subject_name(c)) == 1, "issuer");
	crypto_must(extend(c, c, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
	                    extend(c, c, NID_key_usage, "critical,keyCertSign,cRLSign") &&
	                    extend(c, c, NID_subject_key_identifier, "hash"),
	        "extensions");
	sign(c, key);
	write_pair(c, key, cert, key_out);
	X509_free(c);
	EVP_PKEY_free(key);
	return buf_failed(cert) || buf_failed(key_out) ? ERR_TOO_LARGE : OK;
}

static X509 *
read_cert(struct str pem)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	X509 *c = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	return c;
}

static EVP_PKEY *
read_key(struct str pem)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *k = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	return k;
}

static bool
extend_leaf(X509 *c, X509 *issuer, const char *alt_names)
{
	return extend(c, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
	       extend(c, issuer, NID_key_usage, "critical,digitalSignature") &&
	       extend(c, issuer, NID_ext_key_usage, "serverAuth,clientAuth") &&
	       extend(c, issuer, NID_authority_key_identifier, "keyid") &&
	       extend(c, issuer, NID_subject_alt_name, alt_names);
}

enum err
cert_issue(struct str authority, struct str authority_key, const struct cert_want *w, struct buf *cert,
        struct buf *key_out)
{
	X509 *issuer = read_cert(authority), *c = NULL;
	EVP_PKEY *signer = read_key(authority_key), *key = NULL;
	enum err err = ERR_INVALID;

	if (issuer != NULL && signer != NULL) {
		key = EVP_EC_gen("P-256");
		crypto_must(key != NULL, "EC key");
		c = cert_new(key, w);
		crypto_must(X509_set_issuer_name(c, X509_get_subject_name(issuer)) == 1, "issuer");
		if (extend_leaf(c, issuer, w->alt_names)) {
			sign(c, signer);
			write_pair(c, key, cert, key_out);
			err = buf_failed(cert) || buf_failed(key_out) ? ERR_TOO_LARGE : OK;
		}
	}
	X509_free(c);
	X509_free(issuer);
	EVP_PKEY_free(key);
	EVP_PKEY_free(signer);
	return err;
}

enum err
cert_ends(const char *path, struct instant *ends, char *why)
{
	struct buf pem;
	struct tm tm;
	enum err err;
	X509 *c = NULL;

	buf_init(&pem, CERT_MAX);
	err = file_read(path, CERT_MAX, &pem, why);
	if (err == OK && (c = read_cert(buf_view(&pem))) == NULL) {
		snprintf(why, WHY_SIZE, "%.150s holds no certificate", path);
		err = ERR_INVALID;
	}
	buf_free(&pem);
	if (c != NULL && ASN1_TIME_to_tm(X509_get0_notAfter(c), &tm) == 1)
		*ends = (struct instant){ (int64_t)timegm(&tm) * 1000 };
	else if (err == OK)
		err = ERR_INVALID;
	X509_free(c);
	return err;
}
