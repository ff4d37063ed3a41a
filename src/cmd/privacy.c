/* privacy.c - plantao privacy: documents that the law asks for, printed from the program's
 * rows so that they cannot say what the program does not do.  What only the institution
 * knows is marked [a preencher]. */
#include "cmd/privacy.h"
#include "cmd/cmd.h"
#include "http/router.h"

#include <stdio.h>

static const struct activity_row {
	const char *name, *purpose, *basis, *data, *retention, *sharing;
} activity_rows[ACTIVITY__MAX] = {
#define ACTIVITY(name, en, pt, basis, basis_pt, data, data_pt, retention, retention_pt, sharing, sharing_pt) \
	[ACTIVITY_##name] = { #name, pt, basis_pt, data_pt, retention_pt, sharing_pt },
#include "http/activities.def"
#undef ACTIVITY
};

static const struct {
	const char *risk, *likelihood, *severity, *measures, *proof;
} risk_rows[] = {
#define RISK(risk, likelihood, severity, measures, proof) { risk, likelihood, severity, measures, proof },
#include "cmd/risks.def"
#undef RISK
};

/* ---- the fields behind the doors */

enum { TYPES_MAX = 256 };
struct types {
	const struct type *all[TYPES_MAX];
	size_t count;
};

static void
gather(struct types *t, const struct type *type)
{
	if (type == NULL)
		return;
	for (size_t i = 0; i < t->count; i++)
		if (t->all[i] == type)
			return;
	assert(t->count < TYPES_MAX);
	t->all[t->count++] = type;
	for (size_t i = 0; i < type->count; i++)
		gather(t, type->fields[i].of);
}

static void
gather_door(struct types *t, const struct route *r)
{
	gather(t, r->query);
	gather(t, r->in);
	gather(t, r->out);
}

static const char *
sens_words(enum sens s)
{
	static const char *const words[SENS__MAX] = { [SENS_PLAIN] = "comum",
		[SENS_IDENTITY] = "identificação",
		[SENS_CLINICAL] = "clínico",
		[SENS_SECRET] = "segredo" };

	return words[s] ? words[s] : "";
}

/* "name, birthDate": the distinct fields of that sensitivity; false when there is none. */
static bool
fields_of(struct buf *b, const struct types *t, enum sens sens)
{
	char names[512][FIELD_NAME_MAX + 1];
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		for (size_t k = 0; k < t->all[i]->count; k++) {
			bool seen = t->all[i]->fields[k].sens != sens;

			assert(n < COUNT(names));
			field_json(&t->all[i]->fields[k], names[n]);
			for (size_t m = 0; m < n && !seen; m++)
				seen = strcmp(names[m], names[n]) == 0;
			if (seen)
				continue;
			buf_printf(b, "%s%s", n > 0 ? ", " : "", names[n]);
			n++;
		}
	return n > 0;
}

static void
data_of(struct buf *b, enum purpose a)
{
	struct types t = { .count = 0 };

	for (unsigned i = 0; i < route_count(); i++)
		if (route_activity(route_at(i)) == a)
			gather_door(&t, route_at(i));
	for (enum sens s = SENS_IDENTITY; s <= SENS_CLINICAL; s++) {
		size_t before = b->n;

		buf_printf(b, "- Campos (%s): ", sens_words(s));
		if (fields_of(b, &t, s))
			buf_byte(b, '\n');
		else
			b->n = before;
	}
}

static void
roles_of(struct buf *b, enum purpose a)
{
	bool any = false;

	for (enum role role = ROLE_UNSET + 1; role < ROLE__MAX; role++)
		for (unsigned i = 0; i < route_count(); i++)
			if (route_activity(route_at(i)) == a && route_at(i)->perm != PERM_PUBLIC &&
			        role_may(role, route_at(i)->perm)) {
				buf_printf(b, "%s%s", any ? ", " : "- Perfis com acesso: ", role_name(role));
				any = true;
				break;
			}
	if (any)
		buf_byte(b, '\n');
}

static void
doors_of(struct buf *b, enum purpose a)
{
	bool any = false;

	for (unsigned i = 0; i < route_count(); i++)
		if (route_activity(route_at(i)) == a) {
			buf_printf(b, "%s`%s %s`",
			        any ? ", " : "- Portas: ", method_name(route_at(i)->method),
			        route_at(i)->path);
			any = true;
		}
	buf_text(b, any ? "\n" : "- Portas: nenhuma; por comando do operador, ou ainda sem uso\n");
}

static void
activities(struct buf *b)
{
	for (enum purpose a = ACTIVITY_NONE + 1; a < ACTIVITY__MAX; a++) {
		const struct activity_row *r = &activity_rows[a];

		buf_printf(b, "## %s\n\n- Código: `%s`\n- Base legal (Lei 13.709/2018): %s\n- Dados: %s\n",
		        r->purpose, r->name, r->basis, r->data);
		data_of(b, a);
		roles_of(b, a);
		buf_printf(b, "- Guarda: %s\n- Compartilhamento: %s\n", r->retention, r->sharing);
		doors_of(b, a);
		buf_byte(b, '\n');
	}
}

#define FILL "[a preencher]"
static const char WHO[] = "- Controlador (nome, CNPJ, endereço): " FILL
                          "\n- Encarregado (nome, contato público): " FILL
                          "\n- Operadores (hospedagem, cópias): " FILL
                          "\n- Região de hospedagem e transferência "
                          "internacional (arts. 33 a 36): " FILL "\n\n";

static void
ropa(struct buf *b)
{
	buf_text(b, "# Registro das operações de tratamento (LGPD art. 37)\n\nGerado por `plantao privacy "
	            "ropa` das "
	            "linhas do programa; o encarregado confere e completa.\n\n");
	buf_text(b, WHO);
	activities(b);
	buf_text(b, "## Medidas de segurança (art. 46)\n\nVeja `plantao doctor --privacy` na instalação: o "
	            "estado de "
	            "cada promessa, com a evidência.\n");
}

static void
ripd(struct buf *b)
{
	buf_text(b, "# Relatório de impacto à proteção de dados pessoais: rascunho (LGPD arts. 5º XVII e "
	            "38)\n\nGerado "
	            "por `plantao privacy ripd`. As estimativas de risco são um começo: a instituição julga, "
	            "completa e "
	            "assina.\n\n");
	buf_text(b, WHO);
	buf_text(b, "# 1. Tipos de dados e operações\n\n");
	activities(b);
	buf_text(b, "# 2. Metodologia da coleta e da segurança\n\nOs dados entram pelas portas acima, por "
	            "importação FHIR ou digitação, validados campo a campo. Identificação e dados clínicos "
	            "são selados "
	            "campo a campo no banco; cada perfil vê o que a sua máscara permite; cada leitura, "
	            "escrita e recusa "
	            "deixa uma entrada na trilha antes da resposta.\n\n# 3. Riscos, medidas e provas\n\n| "
	            "risco | "
	            "probabilidade | gravidade | medidas | prova | risco residual "
	            "|\n|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < COUNT(risk_rows); i++)
		buf_printf(b, "| %s | %s | %s | %s | %s | " FILL " |\n", risk_rows[i].risk,
		        risk_rows[i].likelihood, risk_rows[i].severity, risk_rows[i].measures,
		        risk_rows[i].proof);
	buf_text(b, "\n# 4. Parecer\n\n- Titulares ou representantes ouvidos: " FILL
	            "\n- Parecer do encarregado: " FILL "\n- Decisão, data e assinatura: " FILL "\n");
}

/* ---- the dictionary */

static void
put_type(struct buf *b, const struct type *t)
{
	char name[FIELD_NAME_MAX + 1];

	buf_printf(b,
	        "## %s%s%s%s\n\n| campo | sensibilidade | selado | buscável | mascarado em parte "
	        "|\n|---|---|---|---|---|\n",
	        t->name, t->table ? " (tabela `" : "", t->table ? t->table : "", t->table ? "`)" : "");
	for (size_t i = 0; i < t->count; i++) {
		const struct field *f = &t->fields[i];

		field_json(f, name);
		buf_printf(b, "| `%s` | %s | %s | %s | %s |\n", name, sens_words(f->sens),
		        f->sealed ? "sim" : "", f->searchable ? "sim" : "", f->partial ? "sim" : "");
	}
	buf_byte(b, '\n');
}

void
privacy_dictionary(struct buf *b)
{
	struct types t = { .count = 0 };

	buf_text(b, "# Data dictionary\n\nMade by `plantao docs` from the program's rows; do not edit. "
	            "Sensitivity: comum "
	            "(ids, times, codes), identificação (who it is), clínico (what was found, thought and "
	            "done; sensitive "
	            "data of LGPD art. 5 II), segredo (never leaves). Selado: AES-256-GCM with the patient's "
	            "key.\n\n");
	for (unsigned i = 0; i < route_count(); i++)
		gather_door(&t, route_at(i));
	for (size_t i = 0; i < t.count; i++)
		put_type(b, t.all[i]);
}

int
cmd_privacy(const struct conf *conf, int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*write)(struct buf *);
	} all[] = { { "ropa", ropa }, { "ripd", ripd }, { "dictionary", privacy_dictionary } };
	const char *bad = router_init();
	struct buf b;
	bool fine;

	(void)conf;
	if (bad != NULL) {
		fprintf(stderr, "plantao privacy: %s\n", bad);
		return EXIT_FAILED;
	}
	for (size_t i = 0; argc == 2 && i < COUNT(all); i++) {
		if (strcmp(argv[1], all[i].name) != 0)
			continue;
		buf_init(&b, 8 << 20);
		all[i].write(&b);
		fine = !buf_failed(&b) && fwrite(b.p, 1, b.n, stdout) == b.n && fflush(stdout) == 0;
		buf_free(&b);
		return fine ? EXIT_DONE : EXIT_FAILED;
	}
	return cmd_usage("privacy", "say ropa, ripd or dictionary");
}
