/* en.ts - every word of the front end, English; one that Portuguese has and this has not does not compile. */
import type { Table } from '.';
import { words as cases } from './words/cases-en';
import { words as common } from './words/common-en';
import { words as first } from './words/first-en';
import { words as hansen } from './words/hansen-en';
import { words as privacy } from './words/privacy-en';

export const en: Table = { ...cases, ...common, ...first, ...hansen, ...privacy };
