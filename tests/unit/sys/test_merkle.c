/* test_merkle.c - trees of 0 to 33 leaves against roots and proofs computed by
 * tests/lib/merkle.py, and the roots that Certificate Transparency published. */
#include "../csv.h"
#include "sys/merkle.h"

enum { LEAVES_MAX = 33 };

static void
assert_hash(const struct hash *got, struct str want)
{
	char hex[2 * SHA256_SIZE + 1];

	hex_print(got->b, sizeof got->b, hex);
	assert_true(str_is(want, hex));
}

static size_t
size_of(const struct csv *csv)
{
	int64_t size;

	assert_true(str_int(csv_cell(csv, "size"), &size) && size <= LEAVES_MAX);
	return (size_t)size;
}

/* The i-th entry of the vectors: i bytes of value i. */
static struct hash
sample(size_t i)
{
	char marked[1 + LEAVES_MAX] = { MERKLE_LEAF_MARK };
	struct hash leaf;

	memset(marked + 1, (int)i, i);
	merkle_leaf((struct str){ marked, 1 + i }, &leaf);
	return leaf;
}

static void
test_roots(void **state)
{
	struct csv csv = csv_open("merkle.csv");
	struct merkle m;
	struct hash root, leaf;

	(void)state;
	merkle_init(&m);
	while (csv_next(&csv)) {
		assert_int_equal(m.count, size_of(&csv));
		merkle_root(&m, &root);
		assert_hash(&root, csv_cell(&csv, "root"));
		leaf = sample(m.count % (LEAVES_MAX + 1));
		merkle_add(&m, &leaf);
	}
	assert_int_equal(csv_close(&csv), LEAVES_MAX + 1);
}

static void
test_paths(void **state)
{
	struct csv csv = csv_open("merkle.csv");
	struct hash leaves[LEAVES_MAX], path[MERKLE_DEPTH_MAX], sum;
	static char all[LEAVES_MAX * MERKLE_DEPTH_MAX * sizeof(struct hash)];

	(void)state;
	for (size_t i = 0; i < LEAVES_MAX; i++)
		leaves[i] = sample(i);
	while (csv_next(&csv)) {
		size_t size = size_of(&csv), at = 0;

		for (size_t i = 0; i < size; i++) {
			size_t n = merkle_path(leaves, size, i, path);

			memcpy(all + at, path, n * sizeof *path);
			at += n * sizeof *path;
		}
		sha256(all, at, sum.b);
		assert_hash(&sum, csv_cell(&csv, "paths_sha256"));
	}
	assert_int_equal(csv_close(&csv), LEAVES_MAX + 1);
}

/* The eight test entries of Google's certificate-transparency repository (Apache 2.0) and their roots. */
static const struct ct_case {
	const char *entry, *root;
} ct_cases[] = {
	{ "", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
	{ "00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" },
	{ "10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77" },
	{ "2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" },
	{ "3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4" },
	{ "40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef" },
	{ "5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c" },
	{ "606162636465666768696a6b6c6d6e6f",
	        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
};

static void
test_published_roots(void **state)
{
	struct merkle m;
	struct hash leaf, root;
	unsigned char marked[17] = { MERKLE_LEAF_MARK };

	(void)state;
	merkle_init(&m);
	for (size_t i = 0; i < COUNT(ct_cases); i++) {
		size_t n = strlen(ct_cases[i].entry) / 2;

		assert_true(hex_parse(str_of(ct_cases[i].entry), marked + 1, n));
		merkle_leaf((struct str){ (const char *)marked, 1 + n }, &leaf);
		merkle_add(&m, &leaf);
		merkle_root(&m, &root);
		assert_hash(&root, str_of(ct_cases[i].root));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roots),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_published_roots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
