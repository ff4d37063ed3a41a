/* holidays.h - Brazil's national holidays and business days.  Carnival, Corpus
 * Christi and local holidays are not national and do not count here. */
#ifndef FEATURES_CALC_HOLIDAYS_H
#define FEATURES_CALC_HOLIDAYS_H

#include "base/base.h"

bool is_national_holiday(struct date);
/* The n-th business day (Monday to Friday, no national holiday) after the day. */
struct date business_days_after(struct date, int n);

#endif
