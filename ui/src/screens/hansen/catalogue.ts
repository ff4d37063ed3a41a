/* catalogue.ts - which calculators the screens offer and what each asks. */
export type Kind = 'decimal' | 'int' | 'choice' | 'yesno' | 'date' | 'list';
export interface Column {
	name: string;
	kind: Kind;
	optional?: boolean;
	unit?: string;
	choices?: string[];
}
export interface Calculator {
	name: string;
	group: (typeof groups)[number];
	inputs: Column[];
	/** Results shown large. */
	main?: string[];
}
export const groups = ['treatment', 'assessment', 'reaction', 'followup', 'population'] as const;

const weight: Column = { name: 'weightKg', kind: 'decimal', unit: 'kg' };
const klass: Column = { name: 'class', kind: 'choice', choices: ['PB', 'MB'] };
const yes = (name: string, optional = false): Column => ({ name, kind: 'yesno', optional });

export const catalogue: Calculator[] = [
	{ name: 'pqtu_dose', group: 'treatment', inputs: [weight, klass], main: ['band'] },
	{ name: 'rifampicina_suspensao', group: 'treatment', inputs: [weight], main: ['mL'] },
	{
		name: 'classificacao_operacional',
		group: 'assessment',
		inputs: [
			{ name: 'lesoes', kind: 'int' },
			{ name: 'nervosComPerda', kind: 'int' },
			{ name: 'baciloscopia', kind: 'choice', choices: ['negativa', 'positiva', 'nao_realizada'] },
		],
		main: ['expected', 'classe', 'class'],
	},
	{
		name: 'omp',
		group: 'assessment',
		inputs: ['olhoD', 'olhoE', 'maoD', 'maoE', 'peD', 'peE'].map((name) => ({ name, kind: 'choice' as const, choices: ['0', '1', '2'] })),
		main: ['gif', 'omp'],
	},
	{ name: 'ib', group: 'assessment', inputs: [{ name: 'sitios', kind: 'list' }], main: ['ib'] },
	{ name: 'prednisona_desmame', group: 'reaction', inputs: [weight], main: ['doseInicialMg'] },
	{ name: 'clofazimina_enh_crianca', group: 'reaction', inputs: [weight, { name: 'mes', kind: 'choice', choices: ['1', '2', '3'] }] },
	{
		name: 'talidomida_gate',
		group: 'reaction',
		inputs: [
			{ name: 'idade', kind: 'int' },
			{ name: 'sexo', kind: 'choice', choices: ['F', 'M'] },
			yes('potencialReprodutivo'),
			yes('gestante'),
			yes('lactante'),
			{ name: 'neutrofilos', kind: 'int', unit: '/mm³' },
			{ name: 'metodosContraceptivos', kind: 'int' },
			{ name: 'testeGravidezHoras', kind: 'int', optional: true, unit: 'h' },
			yes('corticoide'),
		],
		main: ['expected', 'decisao'],
	},
	{
		name: 'bcg_contato',
		group: 'followup',
		inputs: [
			{ name: 'idadeMeses', kind: 'int' },
			{ name: 'dosesOuCicatrizes', kind: 'int' },
			{ name: 'contraindicacao', kind: 'choice', optional: true, choices: ['imunodeficiencia', 'neoplasia', 'corticoide', 'gestacao'] },
		],
	},
	{
		name: 'alta_cura',
		group: 'followup',
		inputs: [klass, { name: 'inicio', kind: 'date' }, { name: 'dosesSupervisionadas', kind: 'int' }, { name: 'dataUltimaDose', kind: 'date' }],
	},
	{
		name: 'abandono',
		group: 'followup',
		inputs: [klass, { name: 'ultimoComparecimento', kind: 'date' }, { name: 'dataReferencia', kind: 'date' }],
	},
	{
		name: 'indicadores',
		group: 'population',
		inputs: [
			{ name: 'indicador', kind: 'choice', choices: ['deteccao_geral_100k', 'deteccao_0_14_100k', 'taxa_gif2_1m', 'perc_gif2_diagnostico', 'perc_gif_avaliado_diagnostico', 'perc_cura_coorte', 'perc_contatos_examinados', 'perc_abandono_coorte', 'prevalencia_10k'] },
			{ name: 'numerador', kind: 'int' },
			{ name: 'denominador', kind: 'int' },
		],
		main: ['valor', 'faixa'],
	},
];
