/* groups.ts - which calculators stand together on the screen; what each asks is the program's to say. */
export const clinical = ['treatment', 'assessment', 'reaction', 'followup', 'population'] as const;
/** Of registration, the law and the trade in medicines: others' work than a clinician's. */
export const office = ['documents', 'terms', 'trade', 'other'] as const;
export const groups = [...clinical, ...office] as const;
export type Group = (typeof groups)[number];

const of: Record<string, Group> = {
	pqtu_dose: 'treatment',
	rifampicina_suspensao: 'treatment',
	esquema_substitutivo: 'treatment',
	classificacao_operacional: 'assessment',
	gif_site: 'assessment',
	omp: 'assessment',
	ib: 'assessment',
	cid10_hanseniase: 'assessment',
	prednisona_desmame: 'reaction',
	clofazimina_enh_crianca: 'reaction',
	talidomida_gate: 'reaction',
	bcg_contato: 'followup',
	alta_cura: 'followup',
	abandono: 'followup',
	indicadores: 'population',
	coorte_cura: 'population',
	cpf: 'documents',
	cpf_dv: 'documents',
	cns: 'documents',
	cnpj: 'documents',
	cnpj_dv: 'documents',
	ibge_municipio: 'documents',
	anpd_prazo_incidente: 'terms',
	lgpd_prazo_titular: 'terms',
	retencao_prontuario: 'terms',
	code128_checksum: 'trade',
	cprod_anvisa: 'trade',
	gtin: 'trade',
	ibs_cbs_2026: 'trade',
	nfe_key: 'trade',
	nfe_key_validate: 'trade',
	rastro_dval: 'trade',
};
export const groupOf = (name: string): Group => of[name] ?? 'other';

/** Results shown large, by calculator; others in the order they come. */
export const main: Record<string, string[]> = {
	pqtu_dose: ['band'],
	omp: ['gif', 'omp'],
	ib: ['ib'],
	indicadores: ['valor', 'faixa'],
	prednisona_desmame: ['doseInicialMg'],
	rifampicina_suspensao: ['mL'],
	gif_site: ['grau'],
};
