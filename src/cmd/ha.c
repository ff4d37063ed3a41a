/* ha.c - plantao ha: two nodes and a witness. */
#include "cmd/cmd.h"
#include "ops/ha.h"
#include "base/json.h"

#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

struct ha_args {
	const char *file, *out, *dir, *master_key;
	bool json, keep, check, yes;
	char *const *rest;
	int rest_count;
};

static void
print_line(void *arg, const char *line)
{
	(void)arg;
	printf("%s\n", line);
	fflush(stdout);
}
static const struct ha_say say = { print_line, NULL };

static int
failed(const char *why)
{
	fprintf(stderr, "plantao ha: %s\n", why);
	return EXIT_FAILED;
}

static int
init(const struct ha_args *a)
{
	char why[HA_WHY] = "";
	struct ha_conf conf;

	if (a->rest_count != 1)
		return cmd_usage("ha", "init takes the cluster's file");
	if (ha_conf_read(a->rest[0], &conf, why) != OK)
		return failed(why);
	printf("read   %s: cluster %s, node1 %s, node2 %s, witness %s\n", a->rest[0],
	        conf.values[HA_KEY_cluster], conf.values[HA_KEY_node1], conf.values[HA_KEY_node2],
	        conf.values[HA_KEY_witness]);
	if (ha_render(&conf, a->rest[0], a->out ? a->out : "plantao-ha", a->master_key, &say, why) != OK)
		return failed(why);
	printf("\nNow, for each host: copy its folder to %s there, and run as root\n"
	       "    plantao ha join %s\n"
	       "node1 first: it makes the database. Put ca/ and secrets/ away.\n",
	        conf.values[HA_KEY_config_dir], conf.values[HA_KEY_config_dir]);
	return EXIT_DONE;
}

static int
place(const struct ha_args *a, struct ha_place *p)
{
	char why[HA_WHY] = "";
	const char *dir = a->dir                                      ? a->dir
	                  : a->rest_count > 0 && a->rest[0][0] == '/' ? a->rest[0]
	                                                              : "/etc/plantao/ha";

	return ha_place_open(dir, p, why) == OK ? EXIT_DONE : failed(why);
}

static int
join(const struct ha_args *a)
{
	char why[HA_WHY] = "";
	struct ha_place p;
	enum err err;

	if (place(a, &p) != EXIT_DONE)
		return EXIT_FAILED;
	if (ha_place_check(&p, &say, why) != OK)
		return failed(why);
	if (a->check)
		return EXIT_DONE;
	if (ha_place_prepare(&p, &say, why) != OK)
		return failed(why);
	err = a->keep || access("/run/systemd/system", F_OK) != 0 ? ha_keep(&p, &say, why)
	                                                          : ha_units(&p, &say, why);
	return err == OK ? EXIT_DONE : failed(why);
}

static void
print_json(const struct ha_view *v)
{
	printf("{\"leader\":\"%s\",\"standby\":\"%s\",\"timeline\":%lld,\"lagBytes\":%lld,\"members\":%u,"
	       "\"voters\":%u}\n",
	        v->leader, v->standby, (long long)v->timeline, (long long)v->lag_bytes, v->members,
	        v->voters);
}

/* Fine: a primary, a synchronous standby, and every vote. */
static int
status(const struct ha_args *a)
{
	char why[HA_WHY] = "";
	struct ha_view v;
	struct ha_place p;

	if (place(a, &p) != EXIT_DONE)
		return EXIT_FAILED;
	if (ha_look(&p, &v, why) != OK)
		return failed(why);
	if (a->json) {
		print_json(&v);
	} else {
		printf("%s\nprimary    %s\nstandby    %s\ntimeline   %lld\nlag        %lld bytes\nvotes      "
		       "%u of 3\n",
		        v.text, v.leader[0] ? v.leader : "none: nothing can be written",
		        v.standby[0] ? v.standby : "none", (long long)v.timeline, (long long)v.lag_bytes,
		        v.voters);
	}
	return v.leader[0] && v.standby[0] && v.voters == 3 ? EXIT_DONE : EXIT_FAILED;
}

static int
switchover(const struct ha_args *a)
{
	char why[HA_WHY] = "";
	struct ha_place p;
	int64_t ms;

	if (place(a, &p) != EXIT_DONE)
		return EXIT_FAILED;
	if (ha_switchover(&p, &ms, why) != OK)
		return failed(why);
	printf("the other node is primary, %lld ms after it was asked\n", (long long)ms);
	return EXIT_DONE;
}

static int
balance(const struct ha_args *a, const char *state)
{
	char why[HA_WHY] = "";
	struct ha_place p;
	enum ha_host node;

	if (a->rest_count == 0 || !ha_host_parse(a->rest[a->rest_count - 1], &node) ||
	        node == HA_WITNESS_HOST)
		return cmd_usage("ha", "%s takes node1 or node2", state);
	if (place(a, &p) != EXIT_DONE)
		return EXIT_FAILED;
	if (ha_balance(&p, node, state, why) != OK)
		return failed(why);
	printf("%s is in state %s\n", ha_host_name(node), state);
	return EXIT_DONE;
}

static int
drain(const struct ha_args *a)
{
	return balance(a, "drain");
}

static int
ready(const struct ha_args *a)
{
	return balance(a, "ready");
}

static int
keys(const struct ha_args *a)
{
	struct buf b;

	(void)a;
	buf_init(&b, 64 << 10);
	ha_conf_describe(&b);
	printf("%.*s", (int)b.n, b.p);
	buf_free(&b);
	return EXIT_DONE;
}

static const struct {
	const char *name;
	int (*run)(const struct ha_args *);
} verbs[] = {
	{ "init", init },
	{ "join", join },
	{ "status", status },
	{ "switchover", switchover },
	{ "drain", drain },
	{ "ready", ready },
	{ "keys", keys },
};

int
cmd_ha(const struct conf *conf, int argc, char **argv)
{
	static const struct option options[] = { { "out", 1, 0, 'o' }, { "dir", 1, 0, 'd' },
		{ "json", 0, 0, 'j' }, { "keep", 0, 0, 'k' }, { "check", 0, 0, 'c' },
		{ "master-key", 1, 0, 'm' }, { 0 } };
	struct ha_args a = { 0 };
	int c;

	(void)conf;
	if (argc > 1 && strcmp(argv[1], "drill") == 0)
		return cmd_ha_drill(argc - 1, argv + 1);
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'o': a.out = optarg; break;
		case 'd': a.dir = optarg; break;
		case 'm': a.master_key = optarg; break;
		case 'j': a.json = true; break;
		case 'k': a.keep = true; break;
		case 'c': a.check = true; break;
		default: return cmd_usage("ha", "unknown option");
		}
	}
	for (size_t i = 0; optind < argc && i < COUNT(verbs); i++)
		if (strcmp(argv[optind], verbs[i].name) == 0) {
			a.rest = argv + optind + 1;
			a.rest_count = argc - optind - 1;
			return verbs[i].run(&a);
		}
	return cmd_usage("ha", "init, join, status, switchover, drain, ready, drill or keys");
}
