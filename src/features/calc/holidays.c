/* holidays.c - the ten national holidays: nine fixed days and Good Friday.
 * Laws 662/1949, 6.802/1980 and 14.759/2023 (20 November, from 2024 on). */
#include "features/calc/holidays.h"

/* Days from 1970-01-01 to Easter Sunday of the year (Gregorian computus). */
static int64_t
easter(int year)
{
	int golden = year % 19, century = year / 100, rest = year % 100;
	int moon = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
	int weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - moon - rest % 4) % 7;
	int late = (golden + 11 * moon + 22 * weekday) / 451;
	int days = moon + weekday - 7 * late + 114;
	return date_days((struct date){ (int16_t)year, (uint8_t)(days / 31), (uint8_t)(days % 31 + 1) });
}

bool
is_national_holiday(struct date d)
{
	static const struct {
		uint8_t month, day;
		int16_t since;
	} fixed[] = { { 1, 1, 0 }, { 4, 21, 0 }, { 5, 1, 0 }, { 9, 7, 0 }, { 10, 12, 1980 }, { 11, 2, 0 },
		{ 11, 15, 0 }, { 11, 20, 2024 }, { 12, 25, 0 } };
	for (size_t i = 0; i < COUNT(fixed); i++)
		if (d.month == fixed[i].month && d.day == fixed[i].day && d.year >= fixed[i].since)
			return true;
	return date_days(d) == easter(d.year) - 2;
}

static bool
is_weekend(int64_t days)
{
	int64_t weekday = ((days + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday; 0 is Sunday */
	return weekday == 0 || weekday == 6;
}

struct date
business_days_after(struct date d, int n)
{
	int64_t days = date_days(d);
	while (n > 0) {
		days++;
		n -= !is_weekend(days) && !is_national_holiday(date_from_days(days));
	}
	return date_from_days(days);
}
