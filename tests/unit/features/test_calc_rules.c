/* test_calc_rules.c - what the vectors do not say: refusals, mistyped inputs,
 * edges of bands, doubt. */
#include "calculators.h"

static void
test_weights_that_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *weight;
		enum calc_flag flag;
	} rows[] = { { "", FLAG_PESO_AUSENTE }, { "  ", FLAG_PESO_AUSENTE }, { "-5", FLAG_PESO_NAO_POSITIVO },
		{ "0", FLAG_PESO_NAO_POSITIVO }, { "-0", FLAG_PESO_NAO_POSITIVO },
		{ "70000", FLAG_UNIDADE_SUSPEITA }, { "70000", FLAG_PESO_IMPLAUSIVEL },
		{ "300.001", FLAG_PESO_IMPLAUSIVEL }, { "2.9", FLAG_PESO_IMPLAUSIVEL },
		{ "70kg", FLAG_PESO_INVALIDO }, { "7e1", FLAG_PESO_INVALIDO }, { "NaN", FLAG_PESO_INVALIDO },
		{ "+70", FLAG_PESO_INVALIDO }, { "1.234,5", FLAG_PESO_INVALIDO },
		{ "1,234,5", FLAG_PESO_INVALIDO }, { "0x46", FLAG_PESO_INVALIDO },
		{ "29.99999", FLAG_PESO_INVALIDO }, { "99999999999999999999999999", FLAG_PESO_INVALIDO } };
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct calc c = ask("pqtu_dose", "weight_kg", rows[i].weight, "class", "MB", NULL);
		assert_invalid(&c, rows[i].flag);
		c = ask("prednisona_desmame", "weight_kg", rows[i].weight, NULL);
		assert_invalid(&c, rows[i].flag);
		c = ask("rifampicina_suspensao", "weight_kg", rows[i].weight, NULL);
		assert_invalid(&c, rows[i].flag);
		c = ask("clofazimina_enh_crianca", "weight_kg", rows[i].weight, "mes", "1", NULL);
		assert_invalid(&c, rows[i].flag);
	}
}

static void
test_weight_courtesies(void **state)
{
	(void)state;
	struct calc c = ask("pqtu_dose", "weight_kg", " 29,9 ", "class", "mb", NULL);
	assert_string_equal(result(&c, "rifampicina_mensal_mg"), "299.0");
	c = ask("pqtu_dose", "weight_kg", "050.0", "class", "PB", NULL);
	assert_string_equal(result(&c, "band"), "INFANTIL_30_50");
	c = ask("pqtu_dose", "weight_kg", "4.5", "class", "PB", NULL);
	assert_true(flagged(&c, FLAG_PESO_BAIXO_CONFIRMAR));
	c = ask("pqtu_dose", "weight_kg", "200.1", "class", "PB", NULL);
	assert_true(flagged(&c, FLAG_PESO_ALTO_CONFIRMAR));
	c = ask("pqtu_dose", "weight_kg", "60", "class", "PB", "idade_anos", "8", NULL);
	assert_true(flagged(&c, FLAG_PESO_E_IDADE_CONFIRMAR));
}

/* The product is shown whole: nothing is rounded in a dose. */
static void
test_doses_are_exact(void **state)
{
	(void)state;
	struct calc c = ask("pqtu_dose", "weight_kg", "29.999", "class", "MB", NULL);
	assert_string_equal(result(&c, "band"), "INFANTIL_MENOR_30");
	assert_string_equal(result(&c, "rifampicina_mensal_mg"), "299.99");
	assert_string_equal(result(&c, "clofazimina_mensal_mg"), "179.994");
	assert_string_equal(result(&c, "clofazimina_diaria"), "29.999 mg/dia");
	assert_string_equal(result(&c, "clofazimina_semanal_mg"), "209.993");
	c = ask("rifampicina_suspensao", "weight_kg", "12.345", NULL);
	assert_string_equal(result(&c, "expected_mg"), "123.45");
	assert_string_equal(result(&c, "expected_mL"), "6.1725");
	c = ask("pqtu_dose", "weight_kg", "30.001", "class", "MB", NULL);
	assert_string_equal(result(&c, "band"), "INFANTIL_30_50");
	c = ask("pqtu_dose", "weight_kg", "50.001", "class", "MB", NULL);
	assert_string_equal(result(&c, "band"), "ADULTO");
}

static void
test_not_covered_is_refused(void **state)
{
	(void)state;
	struct calc c = ask("pqtu_dose", "weight_kg", "29.9", "class", "MB", "idade_anos", "40", NULL);
	assert_refused(&c, FLAG_ADULTO_MENOR_30KG);
	assert_true(flagged(&c, FLAG_CONSULTAR_PROFISSIONAL));
	assert_string_equal(result(&c, "flags"), "RECUSADO|ADULTO_MENOR_30KG|CONSULTAR_PROFISSIONAL");
	c = ask("pqtu_dose", "weight_kg", "30", "class", "MB", "idade_anos", "40", NULL);
	assert_int_equal(c.status, CALC_ANSWERED);
	c = ask("pqtu_dose", "weight_kg", "29", "class", "MB", "idade_anos", "16", NULL);
	assert_true(c.status == CALC_ANSWERED && flagged(&c, FLAG_ADOLESCENTE_MENOR_30KG_REVISAR));
	c = ask("pqtu_dose", "weight_kg", "70", "class", "MB", "reacao_grave_a", "dapsona", NULL);
	assert_refused(&c, FLAG_USAR_ESQUEMA_SUBSTITUTIVO);
	c = ask("pqtu_dose", "weight_kg", "70", "class", "REVISAR_MB", NULL);
	assert_invalid(&c, FLAG_ENTRADA_INVALIDA);
	c = ask("rifampicina_suspensao", "weight_kg", "30", NULL);
	assert_refused(&c, FLAG_FORA_DA_FAIXA_DE_PESO);
	c = ask("clofazimina_enh_crianca", "weight_kg", "40", "mes", "4", NULL);
	assert_invalid(&c, FLAG_ENTRADA_FORA_DO_LIMITE);
	c = ask("clofazimina_enh_crianca", "weight_kg", "40", "mes", "1", "idade_anos", "18", NULL);
	assert_refused(&c, FLAG_SOMENTE_MENOR_18);
}

/* Pregnancy never blocks PQT-U; that the sources disagree is told. */
static void
test_pregnancy_keeps_pqtu(void **state)
{
	(void)state;
	struct calc c = ask("pqtu_dose", "weight_kg", "70", "class", "MB", "gestante", "1", NULL);
	assert_int_equal(c.status, CALC_ANSWERED);
	assert_string_equal(result(&c, "rifampicina_mensal_mg"), "600.0");
	assert_true(
	        flagged(&c, FLAG_MANTER_PQTU_NA_GESTACAO) && flagged(&c, FLAG_VITAMINA_K_FIM_DA_GESTACAO));
}

static struct calc
regimen(const char *situation, const char *class)
{
	return ask("esquema_substitutivo", "situacao", situation, "class", class, "idade_anos", "40", NULL);
}

static void
test_substitute_regimens(void **state)
{
	(void)state;
	struct calc c = regimen("rifampicina", "MB");
	assert_string_equal(result(&c, "mensal_supervisionada"),
	        "clofazimina 300 mg + ofloxacino 400 mg + minociclina 100 mg");
	assert_string_equal(result(&c, "diaria_autoadministrada"),
	        "clofazimina 50 mg + ofloxacino 400 mg + minociclina 100 mg");
	assert_string_equal(result(&c, "meses"), "6");
	assert_string_equal(result(&c, "fase_2_diaria_autoadministrada"),
	        "clofazimina 50 mg + ofloxacino 400 mg (ou minociclina 100 mg)");
	assert_string_equal(result(&c, "fase_2_meses"), "18");
	c = regimen("rifampicina", "PB");
	assert_string_equal(result(&c, "meses"), "6");
	assert_string_equal(result(&c, "fase_2_meses"), "");
	c = regimen("adesao", "MB");
	assert_string_equal(result(&c, "meses"), "24");
	assert_string_equal(result(&c, "diaria_autoadministrada"), "");
	c = regimen("dapsona", "MB");
	assert_string_equal(result(&c, "mensal_supervisionada"),
	        "rifampicina 600 mg + clofazimina 300 mg + ofloxacino 400 mg (ou minociclina 100 mg)");
	assert_string_equal(result(&c, "meses"), "12");
	c = regimen("clofazimina", "MB");
	assert_true(flagged(&c, FLAG_FONTE_COM_LACUNA));
	c = regimen("resistencia_rifampicina", "MB");
	assert_true(flagged(&c, FLAG_REFERENCIA_ESPECIALIZADA));
	assert_string_equal(result(&c, "mensal_supervisionada"), "");
	assert_string_equal(result(&c, "diaria_autoadministrada"),
	        "ofloxacino 400 mg + minociclina 100 mg + clofazimina 50 mg");
}

static void
test_substitute_regimens_not_covered(void **state)
{
	(void)state;
	struct calc c = ask(
	        "esquema_substitutivo", "situacao", "dapsona", "class", "PB", "idade_anos", "7", NULL);
	assert_refused(&c, FLAG_SOMENTE_ADULTO);
	assert_true(flagged(&c, FLAG_MINOCICLINA_MENOR_8_ANOS));
	c = ask("esquema_substitutivo", "situacao", "dapsona", "class", "PB", "idade_anos", "30", "gestante",
	        "1", NULL);
	assert_refused(&c, FLAG_GESTACAO_NAO_COBERTA);
	c = ask("esquema_substitutivo", "situacao", "dapsona", "class", "PB", NULL);
	assert_invalid(&c, FLAG_ENTRADA_AUSENTE);
}

static void
test_what_was_not_examined_is_no_grade(void **state)
{
	(void)state;
	struct calc c = ask(
	        "gif_site", "site", "mao", "sente_2g", "1", "forca_reduzida", "0", "outra_causa", "0", NULL);
	assert_invalid(&c, FLAG_NAO_AVALIADO);
	c = ask("omp", "olho_d", "0", "olho_e", "0", "mao_d", "0", "mao_e", "0", "pe_d", "0", NULL);
	assert_invalid(&c, FLAG_NAO_AVALIADO);
	assert_string_equal(result(&c, "expected_gif"), "INVALIDO|NAO_AVALIADO:pe_e");
	c = ask("omp", "olho_d", "3", "olho_e", "0", "mao_d", "0", "mao_e", "0", "pe_d", "0", "pe_e", "0",
	        NULL);
	assert_invalid(&c, FLAG_ENTRADA_FORA_DO_LIMITE);
	c = ask("ib", "sitios", "2 7", NULL);
	assert_invalid(&c, FLAG_ENTRADA_FORA_DO_LIMITE);
	c = ask("ib", "sitios", " ", NULL);
	assert_invalid(&c, FLAG_ENTRADA_AUSENTE);
}

static struct calc
class_of(const char *lesions, const char *nerves, const char *smear)
{
	return ask("classificacao_operacional", "lesoes", lesions, "nervos_com_perda", nerves, "baciloscopia",
	        smear, NULL);
}

static void
test_classification_in_doubt(void **state)
{
	(void)state;
	struct calc c = class_of("0", "0", "negativa");
	assert_string_equal(result(&c, "expected"), "SEM_CRITERIO");
	c = class_of("0", "1", "negativa");
	assert_string_equal(result(&c, "expected"), "REVISAR_MB");
	assert_true(flagged(&c, FLAG_UM_NERVO_REVISAR));
	c = class_of("2", "0", "");
	assert_invalid(&c, FLAG_ENTRADA_AUSENTE);
	c = class_of("-1", "0", "negativa");
	assert_invalid(&c, FLAG_ENTRADA_FORA_DO_LIMITE);
}

static void
test_thalidomide_answers(void **state)
{
	(void)state;
	struct calc c = ask("talidomida_gate", "idade", "30", "sexo", "F", "neutrofilos", "4000",
	        "corticoide", "0", NULL);
	assert_invalid(&c, FLAG_ENTRADA_AUSENTE);
	c = ask("talidomida_gate", "idade", "30", "sexo", "M", "neutrofilos", "4000", "corticoide", "0",
	        NULL);
	assert_string_equal(result(&c, "expected"), "PERMITIR");
	assert_true(flagged(&c, FLAG_TALIDOMIDA_PRESERVATIVO));
	c = ask("talidomida_gate", "idade", "30", "sexo", "M", "gestante", "1", "neutrofilos", "4000",
	        "corticoide", "0", NULL);
	assert_invalid(&c, FLAG_ENTRADAS_INCOERENTES);
	c = ask("talidomida_gate", "idade", "30", "sexo", "F", "potencial_reprodutivo", "1", "gestante", "0",
	        "lactante", "0", "neutrofilos", "4000", "metodos_contraceptivos", "2", "teste_gravidez_horas",
	        "", "corticoide", "0", NULL);
	assert_string_equal(result(&c, "expected"), "NEGAR_TESTE_GRAVIDEZ");
	c = ask("talidomida_gate", "idade", "30", "sexo", "M", "neutrofilos", "", "corticoide", "0", NULL);
	assert_invalid(&c, FLAG_ENTRADA_AUSENTE);
}

static void
assert_lost(const char *last, const char *today, const char *expected)
{
	struct calc c = ask(
	        "abandono", "class", "PB", "ultimo_comparecimento", last, "data_referencia", today, NULL);
	assert_string_equal(result(&c, "expected"), expected);
}

static void
test_abandonment(void **state)
{
	(void)state;
	assert_lost("2026-03-15", "2026-04-12", "EM_DIA");
	assert_lost("2026-03-15", "2026-04-13", "FALTOSO");
	assert_lost("2025-11-30", "2026-02-28", "FALTOSO");
	assert_lost("2025-11-30", "2026-03-01", "ABANDONO");
	assert_lost("2026-03-15", "2026-03-14", "INVALIDO|DATAS_FORA_DE_ORDEM:data_referencia");
	assert_lost("2026-02-30", "2026-03-14", "INVALIDO|ENTRADA_INVALIDA:ultimo_comparecimento");
	assert_lost("1899-12-31", "2026-03-14", "INVALIDO|ENTRADA_FORA_DO_LIMITE:ultimo_comparecimento");
}

static void
test_discharge(void **state)
{
	(void)state;
	struct calc c = ask("alta_cura", "class", "PB", "inicio", "2026-01-10", "doses_supervisionadas", "7",
	        "data_ultima_dose", "2026-08-10", NULL);
	assert_true(flagged(&c, FLAG_DOSES_ACIMA_DO_ESQUEMA));
	c = ask("alta_cura", "class", "PB", "inicio", "2026-01-10", "doses_supervisionadas", "3",
	        "data_ultima_dose", "2026-12-10", NULL);
	assert_string_equal(result(&c, "expected"), "EM_TRATAMENTO");
	assert_true(flagged(&c, FLAG_JANELA_VENCIDA));
}

static void
assert_report_by(const char *known, const char *expected)
{
	struct calc c = ask(
	        "anpd_prazo_incidente", "data_conhecimento", known, "agente_pequeno_porte", "0", NULL);
	assert_string_equal(result(&c, "expected_prazo"), expected);
}

static void
test_business_days(void **state)
{
	(void)state;
	assert_report_by("2026-04-01", "2026-04-07"); /* Good Friday on the 3rd */
	assert_report_by("2024-03-28", "2024-04-03"); /* on the 29th */
	assert_report_by("2023-11-17", "2023-11-22"); /* 20 November is national from 2024 on */
	assert_report_by("2024-11-18", "2024-11-22");
	assert_report_by("2026-12-30", "2027-01-05");
}

static void
test_bcg(void **state)
{
	(void)state;
	struct calc c = ask("bcg_contato", "idade_meses", "5", "doses_ou_cicatrizes", "0", NULL);
	assert_string_equal(result(&c, "expected"), "APLICAR_1_DOSE");
	c = ask("bcg_contato", "idade_meses", "24", "doses_ou_cicatrizes", "0", "contraindicacao", "asma",
	        NULL);
	assert_invalid(&c, FLAG_ENTRADA_INVALIDA);
}

static struct calc
indicator(const char *name, const char *numerator, const char *denominator)
{
	return ask(
	        "indicadores", "indicador", name, "numerador", numerator, "denominador", denominator, NULL);
}

static void
test_indicators(void **state)
{
	(void)state;
	struct calc c = indicator("abandono_pct", "25", "100");
	assert_string_equal(result(&c, "expected_faixa"), "Precario");
	assert_true(flagged(&c, FLAG_LIMITE_ENTRE_FAIXAS));
	/* 9.996 prints as 10.00 but is below ten. */
	c = indicator("deteccao_geral_100k", "2499", "25000000");
	assert_string_equal(result(&c, "expected_valor"), "10.00");
	assert_string_equal(result(&c, "expected_faixa"), "Medio");
	c = indicator("prevalencia_10k", "1", "10000");
	assert_string_equal(result(&c, "expected_faixa"), "Medio");
	c = indicator("cura_coorte_pct", "1", "0");
	assert_refused(&c, FLAG_DENOMINADOR_ZERO);
	c = indicator("cura_coorte_pct", "2", "1");
	assert_invalid(&c, FLAG_ENTRADAS_INCOERENTES);
}

static void
test_documents(void **state)
{
	(void)state;
	struct calc c = ask("cpf", "input", "529.982.247-24", NULL);
	assert_string_equal(result(&c, "expected"), "invalid");
	assert_string_equal(c.note, "wrong second check digit");
	c = ask("cid10_hanseniase", "input", "A309", NULL);
	assert_string_equal(result(&c, "expected"), "valid");
	c = ask("cid10_hanseniase", "input", "A30.6", NULL);
	assert_string_equal(result(&c, "expected"), "invalid");
	c = ask("cnpj_dv", "base12", "12ABC34501D", NULL);
	assert_invalid(&c, FLAG_ENTRADA_INVALIDA);
	c = ask("code128_checksum", "codes_incl_start", "52 25", NULL);
	assert_invalid(&c, FLAG_ENTRADA_INVALIDA);
	c = ask("rastro_dval", "validade_mm_aaaa", "13/2028", NULL);
	assert_invalid(&c, FLAG_ENTRADA_INVALIDA);
	c = ask("rastro_dval", "validade_mm_aaaa", "2/2028", NULL);
	assert_invalid(&c, FLAG_ENTRADA_INVALIDA);
	c = ask("ibs_cbs_2026", "vBC", "9999999999998.99", "pRedAliq", "0", NULL);
	assert_string_equal(result(&c, "expected_vCBS"), "89999999999.99");
	c = ask("ibs_cbs_2026", "vBC", "100", "pRedAliq", "100.0001", NULL);
	assert_invalid(&c, FLAG_ENTRADA_FORA_DO_LIMITE);
}

static struct calc
key(const char *month, const char *issuer, const char *series, const char *random)
{
	return ask("nfe_key", "cUF", "35", "AAMM", month, "emit_CNPJ", issuer, "mod", "55", "serie", series,
	        "nNF", "1", "tpEmis", "1", "cNF", random, NULL);
}

static void
test_access_keys(void **state)
{
	(void)state;
	char text[64];
	struct calc c = key("2613", "12ABC34501DE35", "1", "15219142");
	assert_invalid(&c, FLAG_ENTRADA_INVALIDA);
	c = key("2608", "12ABC34501DE36", "1", "15219142");
	assert_invalid(&c, FLAG_ENTRADA_INVALIDA);
	c = key("2608", "52998224725", "1", "15219142");
	assert_invalid(&c, FLAG_ENTRADA_INVALIDA);
	c = key("2608", "52998224725", "920", "1");
	assert_true(flagged(&c, FLAG_SERIE_DE_CPF) && flagged(&c, FLAG_CNF_REPETE_NNF));
	snprintf(text, sizeof text, "%s", result(&c, "expected_key"));
	c = ask("nfe_key_validate", "key", text, NULL);
	assert_string_equal(result(&c, "expected"), "valid");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_weights_that_are_refused),
		cmocka_unit_test(test_weight_courtesies),
		cmocka_unit_test(test_doses_are_exact),
		cmocka_unit_test(test_not_covered_is_refused),
		cmocka_unit_test(test_pregnancy_keeps_pqtu),
		cmocka_unit_test(test_substitute_regimens),
		cmocka_unit_test(test_substitute_regimens_not_covered),
		cmocka_unit_test(test_what_was_not_examined_is_no_grade),
		cmocka_unit_test(test_classification_in_doubt),
		cmocka_unit_test(test_thalidomide_answers),
		cmocka_unit_test(test_abandonment),
		cmocka_unit_test(test_discharge),
		cmocka_unit_test(test_business_days),
		cmocka_unit_test(test_bcg),
		cmocka_unit_test(test_indicators),
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_access_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
