/* client.c - see client.h.  A handle a call: the calls are rare, and a handle that
 * is not shared needs no lock. */
#include "sys/client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
init(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* libcurl ends the transfer when fewer bytes are taken than were given. */
static size_t
take(char *bytes, size_t size, size_t n, void *arg)
{
	struct buf *body = arg;

	buf_add(body, bytes, size * n);
	return buf_failed(body) ? 0 : size * n;
}

static struct curl_slist *
headers_of(const struct client_call *c)
{
	struct curl_slist *all = NULL;

	for (size_t i = 0; c->headers != NULL && c->headers[i] != NULL; i++)
		all = curl_slist_append(all, c->headers[i]);
	if (str_is_set(c->body))
		all = curl_slist_append(all, "Content-Type: application/json");
	return curl_slist_append(all, "Expect:"); /* no 100-continue */
}

static void
set_options(CURL *curl, const struct client_call *c, struct curl_slist *headers, struct buf *body)
{
	curl_easy_setopt(curl, CURLOPT_URL, c->url);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, c->method);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)c->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)c->timeout_ms);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
	if (c->ca_file != NULL && c->ca_file[0] != 0)
		curl_easy_setopt(curl, CURLOPT_CAINFO, c->ca_file);
	if (str_is_set(c->body)) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->body.n);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, c->body.p);
	}
}

enum err
client_run(const struct client_call *c, struct buf *body, int *status, char *why)
{
	struct curl_slist *headers;
	long code = 0;
	CURL *curl;

	pthread_once(&once, init);
	curl = curl_easy_init();
	headers = headers_of(c);
	if (curl == NULL || headers == NULL) {
		snprintf(why, 200, "no memory for an HTTP request");
		curl_easy_cleanup(curl);
		curl_slist_free_all(headers);
		return ERR_BUSY;
	}
	set_options(curl, c, headers, body);
	CURLcode done = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	if (done != CURLE_OK) {
		snprintf(why, 200, "%s",
		        buf_failed(body) ? "the answer is too large" : curl_easy_strerror(done));
		return ERR_BUSY;
	}
	*status = (int)code;
	return OK;
}
