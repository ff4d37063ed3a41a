/* pt.ts - every word of the front end, Brazilian Portuguese. */
import { words as cases } from './words/cases-pt';
import { words as common } from './words/common-pt';
import { words as first } from './words/first-pt';
import { words as hansen } from './words/hansen-pt';
import { words as privacy } from './words/privacy-pt';

export const pt = { ...cases, ...common, ...first, ...hansen, ...privacy };
