/* test_watch.c - which acts in the trail open an incident by themselves, on both engines. */
#include "../cm.h"

#include "features/incidents/watch.h"
#include "gen/incidents_sql.h"
#include "http/audit_write.h"
#include "unit/store/fixture.h"

enum { MASS = 60 /* patients: watch.def */, REFUSED = 50 };

static struct fixture f;

static int
setup(void **state)
{
	(void)state;
	fixture_open(&f);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fixture_close(&f);
	return 0;
}

/* `times` entries of one actor, about as many different patients. */
static void
read_charts(struct id actor, int patients, int times, int64_t ago_ms)
{
	struct ctx ctx = f.ctx;
	struct id patient = f.user;

	ctx.actor = actor;
	ctx.now.ms -= ago_ms;
	assert_int_equal(db_begin(&ctx, f.db, TX_WRITE), OK);
	for (int i = 0; i < times; i++) {
		patient.b[14] = (unsigned char)(i % patients >> 8);
		patient.b[15] = (unsigned char)(i % patients);
		assert_int_equal(audit_note_add(&ctx, &(struct audit_note){ .event = AUDIT_RECORD_READ,
		                                              .subject = patient,
		                                              .patient = patient,
		                                              .status = 200,
		                                              .route = "GET /test",
		                                              .request_id = "",
		                                              .address = STR("10.0.0.7") }),
		        OK);
	}
	assert_int_equal(db_commit(&ctx), OK);
}

static void
be_refused(int times)
{
	struct ctx ctx = f.ctx;

	assert_int_equal(db_begin(&ctx, f.db, TX_WRITE), OK);
	for (int i = 0; i < times; i++)
		assert_int_equal(audit_note_add(&ctx, &(struct audit_note){ .event = AUDIT_RECORD_READ,
		                                              .subject = f.user,
		                                              .status = 403,
		                                              .route = "GET /test",
		                                              .request_id = "",
		                                              .address = STR("10.0.0.7") }),
		        OK);
	assert_int_equal(db_commit(&ctx), OK);
}

static size_t
incidents(void)
{
	struct ctx ctx = f.ctx, watching = { .arena = f.arena, .reach = REACH_TENANT, .now = clock_now() };
	struct incident_list_in all = { .row_limit = 100 };
	struct list found;

	memset(all.before.b, 0xff, sizeof all.before.b);
	watch_run(&watching, f.db);
	assert_int_equal(db_begin(&ctx, f.db, TX_READ), OK);
	assert_int_equal(sql_incident_list(&ctx, &all, &found), OK);
	db_rollback(&ctx);
	return found.count;
}

static void
many_readings_of_few_charts_are_a_day_s_work(void **state)
{
	(void)state;
	read_charts(f.user, MASS, 5 * MASS, 0);
	assert_int_equal(incidents(), 0);
}

static void
many_charts_are_an_incident_once(void **state)
{
	(void)state;
	read_charts(f.user, MASS + 1, MASS + 1, 0);
	assert_int_equal(incidents(), 1);
	read_charts(f.user, MASS + 1, MASS + 1, 0);
	assert_int_equal(incidents(), 1);
}

static void
each_account_is_counted_by_itself(void **state)
{
	struct id other = f.user;

	(void)state;
	other.b[0] ^= 1;
	read_charts(f.user, MASS, MASS, 0);
	read_charts(other, MASS, MASS, 0);
	assert_int_equal(incidents(), 0);
}

static void
what_is_over_is_over(void **state)
{
	(void)state;
	read_charts(f.user, MASS + 1, MASS + 1, 11 * 60000);
	assert_int_equal(incidents(), 0);
}

static void
many_refusals_are_an_incident(void **state)
{
	(void)state;
	be_refused(REFUSED);
	assert_int_equal(incidents(), 0);
	be_refused(1);
	assert_int_equal(incidents(), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		        many_readings_of_few_charts_are_a_day_s_work, setup, teardown),
		cmocka_unit_test_setup_teardown(many_charts_are_an_incident_once, setup, teardown),
		cmocka_unit_test_setup_teardown(each_account_is_counted_by_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_over_is_over, setup, teardown),
		cmocka_unit_test_setup_teardown(many_refusals_are_an_incident, setup, teardown),
	};

	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
