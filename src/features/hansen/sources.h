/* sources.h - the titles that calculators cite, as the protocol's rows write them,
 * and the names by which tables of others call what changes a dose. */
#ifndef FEATURES_HANSEN_SOURCES_H
#define FEATURES_HANSEN_SOURCES_H

#define PCDT_2022 "PCDT Hanseníase 2022 (Portaria SCTIE/MS 67/2022)"
#define DIRETRIZES_2016                                                                                      \
	"MS, Diretrizes para vigilância, atenção e eliminação da hanseníase 2016 (Portaria GM/MS 149/2016)"
#define BOLETIM_2025 "Parâmetros do Ministério da Saúde (Boletim Epidemiológico de Hanseníase SES-PE 2025)"

#define AGE_NAMES CHOICES("idade", "age", "age_years", "idade_em_anos")
#define PREGNANT_NAMES CHOICES("gravida", "gravidez", "gestacao", "pregnant")
#define BREASTFEEDING_NAMES CHOICES("lactacao", "amamenta", "breastfeeding")

#endif
