/* static.c - files with a hash in their name are kept by the browser for a year;
 * the page itself is asked for again each time and is mostly "not modified". */
#include "http/static.h"
#include "http/assets.h"
#include "http/spine.h"

#include <stdio.h>

static const char csp[] =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
        "'none'";

static bool
is_page(struct str path)
{
	const char *dot = memrchr(path.p, '.', path.n), *slash = memrchr(path.p, '/', path.n);

	return !str_starts(path, "/api/") && (dot == NULL || (slash != NULL && dot < slash));
}

static bool
wants_html(struct exchange *x)
{
	struct str accept = exchange_header(x, "Accept");

	return str_is_set(accept) && memmem(accept.p, accept.n, "text/html", 9) != NULL;
}

static void
hardening(struct answer *a, bool tls)
{
	answer_header(a, "Content-Security-Policy", csp);
	answer_header(a, "X-Content-Type-Options", "nosniff");
	answer_header(a, "X-Frame-Options", "DENY");
	answer_header(a, "Referrer-Policy", "no-referrer");
	answer_header(a, "Cross-Origin-Opener-Policy", "same-origin");
	answer_header(a, "Permissions-Policy", "camera=(), microphone=(), geolocation=()");
	if (tls)
		answer_header(a, "Strict-Transport-Security", "max-age=15552000; includeSubDomains");
}

static void
body(struct exchange *x, const struct asset *asset, struct answer *a)
{
	a->status = 200;
	a->content_type = asset->content_type;
	answer_header(a, "Vary", "Accept-Encoding");
	if (exchange_accepts_gzip(x)) {
		answer_header(a, "Content-Encoding", "gzip");
		a->fixed = asset->gzip;
		a->fixed_size = asset->gzip_size;
		return;
	}
	buf_init(&a->body, asset->size + 1);
	if (!asset_plain(asset, &a->body))
		a->status = 500;
}

bool
static_serve(struct exchange *x)
{
	struct str method = exchange_method(x), path = exchange_path(x);
	struct str held = exchange_header(x, "If-None-Match");
	const struct asset *asset = asset_find(path);
	struct answer a = { 0 };

	if (!str_is(method, "GET") && !str_is(method, "HEAD"))
		return false;
	if (asset == NULL && is_page(path) && wants_html(x))
		asset = asset_index();
	if (asset == NULL)
		return false;
	if (str_is_set(held) && str_is(held, asset->etag))
		a.status = 304;
	else
		body(x, asset, &a);
	answer_header(&a, "ETag", asset->etag);
	answer_header(
	        &a, "Cache-Control", asset->immutable ? "public, max-age=31536000, immutable" : "no-cache");
	answer_header(&a, "X-Request-Id", spine_edge_request_id(x));
	hardening(&a, exchange_tls(x));
	exchange_send(x, &a);
	return true;
}
